"""Levels as a person reads them on a terminal."""

import math

from rich.console import Console
from rich.table import Table
from rich.text import Text

from schemas.events import AnalysisCompleted, Level
from schemas.views import RowWithLevels

_COLOURS = {"support": "green", "resistance": "red"}


def print_levels(
    console: Console, found: AnalysisCompleted | RowWithLevels, *, title: str, note: str | None = None
) -> None:
    """Resistances above, the price between, supports below: as on a chart. `note` says why there are none."""
    until = f", the last of {found.candle_at:%Y-%m-%d %H:%M} UTC" if found.candle_at else ""
    table = Table(
        title=title,
        caption=f"{found.input_limit} closed candles{until}",
        title_style="bold",
        title_justify="left",
    )
    table.add_column("level")
    for column in ("price", "zone", "distance", "score", "touches", "bounced", "broke"):
        table.add_column(column, justify="right")
    table.add_column("last touch")
    levels = found.levels or ()
    ordered = sorted(levels, key=lambda level: level.price, reverse=True)
    for level in [level for level in ordered if level.side == "resistance"]:
        _add(table, level)
    table.add_row(Text("price", style="bold"), Text(price(found.last_price), style="bold"), style="on grey15")
    for level in [level for level in ordered if level.side == "support"]:
        _add(table, level)
    console.print(table)
    if not levels:
        console.print(f"no levels: {note}" if note else "no levels")


def title_of(exchange: str, market_type: str, symbol: str, timeframe: str) -> str:
    """What is traded where; a simulated market is never taken for a real one."""
    simulated = " (simulated)" if exchange == "sim" else ""
    return f"{exchange} {symbol} {market_type} {timeframe}{simulated}"


def price(number: float) -> str:
    """At most eight significant digits, never in powers of ten."""
    if number == 0:
        return "0"
    decimals = max(0, 7 - math.floor(math.log10(abs(number))))
    written = f"{number:.{decimals}f}"
    return written.rstrip("0").rstrip(".") if decimals else written


def _add(table: Table, level: Level) -> None:
    changed = "" if level.side == level.origin_side else f" (was {level.origin_side})"
    table.add_row(
        Text(f"{level.side}{changed}", style=_COLOURS[level.side]),
        price(level.price),
        f"{price(level.low)} – {price(level.high)}",
        f"{level.distance_pct:.2f} %",
        f"{level.score:.2f}",
        str(level.touches),
        str(level.bounces),
        str(level.breaks),
        f"{level.last_touch_at:%Y-%m-%d %H:%M}",
    )
