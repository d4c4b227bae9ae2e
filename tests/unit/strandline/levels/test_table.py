"""Levels as a table on a terminal."""

from io import StringIO

import pytest
from rich.console import Console

from strandline.levels.table import format_market, format_price, print_levels
from tests.unit.schemas.test_events import completed


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (65432.1, "65432.1"),
        (0.000012345678, "0.0000123457"),
        (1.0, "1"),
        (123456789.5, "123456790"),
        (0.0, "0"),
    ],
)
def test_format_price_never_uses_an_exponent(number: float, shown: str) -> None:
    assert format_price(number) == shown


def test_table_shows_levels_above_and_below_the_price() -> None:
    text = StringIO()
    print_levels(Console(file=text, width=140), completed(), title="binance BTCUSDT spot 1h")
    lines = text.getvalue().splitlines()
    rows = [number for number, row in enumerate(lines) if "price " in row or "support" in row]
    assert "65432.1" in lines[rows[-2]]
    assert "64000.5" in lines[rows[-1]]
    assert "1999 closed candles" in text.getvalue()


@pytest.mark.parametrize("width", [30, 40, 60, 80, 99, 100])
def test_table_never_cuts_a_cell_whatever_the_width(width: int) -> None:
    level = (
        completed()
        .levels[0]
        .model_copy(
            update={"price": 1.15432e-6, "low": 1.1514e-6, "high": 1.1572e-6, "breaks": 99, "touches": 1112}
        )
    )
    text = StringIO()
    found = completed(levels=[level], last_price=1.2e-6)
    print_levels(Console(file=text, width=width), found, title="x")
    assert "0.00000115432" in text.getvalue()
    assert "…" not in text.getvalue()
    table, _, dropped = text.getvalue().partition("left out, as")
    assert ("last touch" in table) is (width >= 80)
    assert ("zone" in table) is not ("zone" in dropped)


def test_table_shows_the_reason_for_no_levels() -> None:
    text = StringIO()
    nothing = completed(levels=[], support_levels=[])
    print_levels(Console(file=text, width=140), nothing, title="x", note="the whole range is one zone")
    assert "no levels: the whole range is one zone" in text.getvalue()


def test_format_market_marks_a_simulated_market() -> None:
    assert format_market("sim", "spot", "BTCUSDT", "1h") == "sim BTCUSDT spot 1h (simulated)"
