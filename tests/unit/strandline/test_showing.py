"""How levels and events look on a terminal."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from rich.console import Console

from broker.ports import Edge
from strandline.level_table import price, print_levels, title_of
from strandline.tail import BadStart, line, read_start
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
def test_a_price_is_shown_in_full_whatever_its_size(number: float, shown: str) -> None:
    assert price(number) == shown


def test_levels_stand_above_and_below_the_price() -> None:
    text = StringIO()
    print_levels(Console(file=text, width=140), completed(), title="binance BTCUSDT spot 1h")
    lines = text.getvalue().splitlines()
    rows = [number for number, row in enumerate(lines) if "price " in row or "support" in row]
    assert "65432.1" in lines[rows[-2]]
    assert "64000.5" in lines[rows[-1]]
    assert "1999 closed candles" in text.getvalue()


def test_at_eighty_columns_no_price_is_cut_however_long() -> None:
    level = (
        completed().levels[0].model_copy(update={"price": 1.15432e-6, "low": 1.1514e-6, "high": 1.1572e-6})
    )
    text = StringIO()
    print_levels(Console(file=text, width=80), completed(levels=[level], last_price=1.2e-6), title="x")
    assert "0.00000115432" in text.getvalue()
    assert "…" not in text.getvalue()


def test_a_market_without_levels_says_why() -> None:
    text = StringIO()
    nothing = completed(levels=[], support_levels=[])
    print_levels(Console(file=text, width=140), nothing, title="x", note="the whole range is one zone")
    assert "no levels: the whole range is one zone" in text.getvalue()


def test_a_simulated_market_is_called_so() -> None:
    assert title_of("sim", "spot", "BTCUSDT", "1h") == "sim BTCUSDT spot 1h (simulated)"


def test_a_result_is_one_line() -> None:
    shown = {
        "topic": "strandline.results.v1",
        "partition": 1,
        "offset": 7,
        "value": completed().model_dump(mode="json"),
    }
    assert line(shown) == "results/1@7  binance:spot:BTCUSDT:1h  65432.1  support [64000.5]  resistance []"


def test_where_to_begin_is_an_edge_or_a_time() -> None:
    assert read_start("beginning") is Edge.BEGINNING
    assert read_start("2026-11-22T13:00:00Z") == datetime(2026, 11, 22, 13, tzinfo=UTC)
    with pytest.raises(BadStart, match="beginning, end, or a time"):
        read_start("yesterday")
