"""One row for each level that was known at a close: the columns of every export. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, NamedTuple

from levels import ALGORITHM, Level
from levels.replay.closes import Close
from schemas.events import Level as PublishedLevel
from schemas.market import candle_end
from schemas.values import to_ms

Kind = Literal["time", "text", "float", "int"]

Row = tuple[object, ...]


class Column(NamedTuple):
    """A column: times are in ms, and numbers that were not published are None."""

    name: str
    kind: Kind


COLUMNS: tuple[Column, ...] = (
    Column("candle_at", "time"),
    Column("known_from", "time"),
    Column("last_price", "float"),
    Column("source", "text"),
    Column("algorithm", "text"),
    Column("rank", "int"),
    Column("level_id", "text"),
    Column("side", "text"),
    Column("origin_side", "text"),
    Column("price", "float"),
    Column("low", "float"),
    Column("high", "float"),
    Column("score", "float"),
    Column("touches", "int"),
    Column("bounces", "int"),
    Column("breaks", "int"),
    Column("first_touch_at", "time"),
    Column("last_touch_at", "time"),
    Column("confirmed_at", "time"),
    Column("known_at", "time"),
    Column("distance_pct", "float"),
    Column("p_reach_24", "float"),
    Column("p_reach_100", "float"),
    Column("p_hold", "float"),
    Column("placebo", "float"),
    Column("n", "int"),
)
"""`candle_at` is the open time of the last closed candle, `known_from` its close: a backtest may use the row from then.

`source` is `published`, or `replayed` for what would have been published; `rank` is 1 for the best of a side.
"""

_OF_LEVEL = tuple(column.name for column in COLUMNS[6:])
_TIMES = frozenset({"first_touch_at", "last_touch_at", "confirmed_at"})


def rows_of_close(close: Close, timeframe: str) -> Iterator[Row]:
    """Yield the levels of a replayed close."""
    head = (
        close.candle_at,
        candle_end(close.candle_at, timeframe),
        close.last_price,
        "replayed",
        ALGORITHM,
    )
    for rank, level in _rank(close.levels):
        yield *head, rank, *(getattr(level, name) for name in _OF_LEVEL)


def rows_of_publication(publication: Mapping[str, Any], timeframe: str) -> Iterator[Row]:
    """Yield the levels of a publication: `candle_at`, `last_price`, `algorithm`, and `levels` as they were stored."""
    candle_at = publication["candle_at"]
    head = (
        candle_at,
        candle_end(candle_at, timeframe),
        publication["last_price"],
        "published",
        publication["algorithm"],
    )
    levels = [PublishedLevel.model_validate(level) for level in publication["levels"]]
    for rank, level in _rank(levels):
        yield *head, rank, *(_read(level, name) for name in _OF_LEVEL)


def _rank(levels: Iterable[Any]) -> Iterator[tuple[int, Any]]:
    """Number the levels of each side, which come best first."""
    ranks = {"support": 0, "resistance": 0}
    for level in levels:
        ranks[level.side] += 1
        yield ranks[level.side], level


def _read(level: PublishedLevel | Level, name: str) -> object:
    value = getattr(level, name, None)
    return to_ms(value) if name in _TIMES and value is not None else value
