"""Print levels as a table on a terminal."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from schemas.events import AnalysisCompleted, Level
from schemas.http.results import ResultDetail
from schemas.market import SIMULATED
from strandline.terminal import fits, print_table

_COLOURS = {"support": "green", "resistance": "red"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column with its cells, top to bottom."""

    header: str
    cells: Sequence[str]


def print_levels(
    console: Console, found: AnalysisCompleted | ResultDetail, *, title: str, note: str | None = None
) -> None:
    """Print resistances above, the price between, supports below, as on a chart; `note` is the reason for none."""
    levels = sorted(found.levels or (), key=lambda level: level.price, reverse=True)
    rows = [
        *(level for level in levels if level.side == "resistance"),
        None,
        *(level for level in levels if level.side == "support"),
    ]
    columns = _build_columns(rows, found.last_price)
    kept = fit_columns(columns, lambda some: fits(console, _build_table(some, rows)))
    console.print(Text(title, "bold"), soft_wrap=True)
    print_table(console, _build_table(kept, rows))
    if dropped := [column.header for column in columns if column not in kept]:
        console.print(f"left out, as {console.width} columns are too few: {', '.join(dropped)}", style="dim")
    console.print(_caption(found), style="dim", highlight=False)
    if not levels:
        console.print(f"no levels: {note}" if note else "no levels")


def fit_columns(columns: Sequence[Column], is_fit: Callable[[Sequence[Column]], bool]) -> list[Column]:
    """Return the columns that fit, in their order; those that matter least are left out first.

    A cell is never cut: a price without its last digits is another price.
    """
    kept = list(columns)
    for header in ("zone", "last touch", "score", "touches †", "reach ‡", "distance"):
        if is_fit(kept):
            break
        kept = [column for column in kept if column.header != header]
    return kept


def _build_table(columns: Sequence[Column], rows: Sequence[Level | None]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for column in columns:
        left = column.header in {"level", "last touch"}
        table.add_column(column.header, justify="left" if left else "right", no_wrap=True)
    for number, level in enumerate(rows):
        name, *cells = (column.cells[number] for column in columns)
        style = "bold" if level is None else None
        table.add_row(Text(name, style=_COLOURS[level.side] if level else ""), *cells, style=style)
    return table


def _build_columns(rows: Sequence[Level | None], last_price: float) -> list[Column]:
    """Build every column; the row that is None stands for the price itself."""

    def column(header: str, cell: Callable[[Level], str], price: str = "") -> Column:
        return Column(header, [price if level is None else cell(level) for level in rows])

    return [
        column("level", _format_side, "price"),
        column("price", lambda level: format_price(level.price), format_price(last_price)),
        column("zone", _format_zone),
        column("distance", lambda level: f"{level.distance_pct:.2f} %"),
        column("reach ‡", lambda level: format_reach(level.p_reach_100)),
        column("score", lambda level: f"{level.score:.2f}"),
        column("touches †", _format_touches),
        column("last touch", lambda level: f"{level.last_touch_at:%Y-%m-%d}"),
    ]


def _caption(found: AnalysisCompleted | ResultDetail) -> str:
    until = f", the last of {found.candle_at:%Y-%m-%d %H:%M} UTC" if found.candle_at else ""
    broken = any(level.breaks > level.bounces for level in found.levels or ())
    return "\n".join(
        [
            f"{found.input_limit} closed candles{until}",
            "* changed its role   † visits (bounced/broke)"
            + ("   ! broke more often than it held" if broken else ""),
            "‡ probability of a trade there within 100 candles: distance and volatility alone decide it",
        ]
    )


def format_market(exchange: str, market_type: str, symbol: str, timeframe: str) -> str:
    """Format the name of a market; one of the simulated exchange is marked as such."""
    simulated = " (simulated)" if exchange == SIMULATED else ""
    return f"{exchange} {symbol} {market_type} {timeframe}{simulated}"


def format_price(number: float, digits: int = 6) -> str:
    """Format a price with at most `digits` significant digits, never in powers of ten."""
    if number == 0:
        return "0"
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(number))))
    written = f"{number:.{decimals}f}"
    return written.rstrip("0").rstrip(".") if decimals else written


def format_reach(probability: float | None) -> str:
    """Format a probability in whole percent; a dash where it is unknown."""
    return "-" if probability is None else f"{probability * 100:.0f} %"


def _format_zone(level: Level) -> str:
    return f"{format_price(level.low, 5)}–{format_price(level.high, 5)}"


def _format_side(level: Level) -> str:
    return level.side if level.side == level.origin_side else f"{level.side}*"


def _format_touches(level: Level) -> str:
    mark = "! " if level.breaks > level.bounces else ""
    return f"{mark}{level.touches} ({level.bounces}/{level.breaks})"
