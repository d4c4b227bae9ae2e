"""Print levels as a table on a terminal."""

import math

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from schemas.events import AnalysisCompleted, Level
from schemas.http.results import ResultDetail
from schemas.market import SIMULATED

_WIDE = 100
_COLOURS = {"support": "green", "resistance": "red"}


def print_levels(
    console: Console, found: AnalysisCompleted | ResultDetail, *, title: str, note: str | None = None
) -> None:
    """Print resistances above, the price between, supports below, as on a chart; `note` is the reason for none."""
    table = Table(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        title_justify="left",
        caption_justify="left",
    )
    table.title, table.title_style = title, "bold"
    table.caption = _caption(found)
    levels = sorted(found.levels or (), key=lambda level: level.price, reverse=True)
    # Coins that cost a millionth have long prices: the zone is left out so that the price is never cut.
    zones = console.width >= _WIDE
    table.add_column("level", no_wrap=True)
    for column in ("price", *(["zone"] if zones else []), "distance", "reach ‡", "score", "touches †"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("last touch", no_wrap=True)
    for level in levels:
        if level.side == "resistance":
            _add_level(table, level, zones=zones)
    table.add_row("price", format_price(found.last_price), style="bold")
    for level in levels:
        if level.side == "support":
            _add_level(table, level, zones=zones)
    console.print(table)
    if not levels:
        console.print(f"no levels: {note}" if note else "no levels")


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


def _add_level(table: Table, level: Level, *, zones: bool) -> None:
    turned = "" if level.side == level.origin_side else "*"
    table.add_row(
        Text(f"{level.side}{turned}", style=_COLOURS[level.side]),
        format_price(level.price),
        *([_format_zone(level)] if zones else []),
        f"{level.distance_pct:.2f} %",
        format_reach(level.p_reach_100),
        f"{level.score:.2f}",
        f"{'! ' if level.breaks > level.bounces else ''}{level.touches} ({level.bounces}/{level.breaks})",
        f"{level.last_touch_at:%Y-%m-%d}",
    )
