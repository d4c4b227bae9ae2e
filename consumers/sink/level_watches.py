"""Move or cancel the watches that are bound to a level when that level moves or disappears.

They follow the market's row as it is after the batch, so a result that the guard refused moves nothing.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple, TypedDict

from sqlalchemy import Text, select, tuple_, type_coerce, update
from sqlalchemy.ext.asyncio import AsyncConnection

from consumers.sink.upsert import KEY
from levels import match
from schemas.market import Market
from schemas.tables import analysis_results, watches
from schemas.values import round_significant, to_naive_utc
from schemas.watches import CLOSES

_W = watches.c
_R = analysis_results.c
_CHUNK_SIZE = 500
"""Markets of one statement."""

MarketKey = tuple[str, ...]


class LevelBounds(NamedTuple):
    """A level's id, price and zone: what identifies it in a later result."""

    level_id: str
    price: float
    low: float
    high: float

    def contains(self, price: float) -> bool:
        return self.low <= price <= self.high


class BoundWatch(NamedTuple):
    """The columns of a watch that is bound to a level; the fields are named as the columns."""

    id: str
    exchange: str
    symbol: str
    market_type: str
    timeframe: str
    condition: str
    target: float
    level_id: str
    level_price: float
    level_low: float
    level_high: float
    on_move: str
    state: str
    deleted_at: datetime | None

    @property
    def market_key(self) -> MarketKey:
        return tuple(getattr(self, name) for name in KEY)

    @property
    def level(self) -> LevelBounds:
        """The level where it was when the watch last followed it."""
        return LevelBounds(self.level_id, self.level_price, self.level_low, self.level_high)

    @property
    def is_alive(self) -> bool:
        return self.state in {"active", "paused"} and self.deleted_at is None


class WatchChanges(TypedDict, total=False):
    """Columns of a watch to assign."""

    state: str
    target: float
    level_id: str
    level_price: float
    level_low: float
    level_high: float
    since: datetime
    armed_at: datetime | None


async def follow_levels(connection: AsyncConnection, markets: Sequence[Market], now: datetime) -> None:
    """Move the watches bound to levels of `markets`, in the caller's transaction, which has written their rows."""
    for start in range(0, len(markets), _CHUNK_SIZE):
        keys = [
            tuple(getattr(market, name) for name in KEY) for market in markets[start : start + _CHUNK_SIZE]
        ]
        bound = await _fetch_bound(connection, keys)
        levels = await _fetch_levels(connection, [watch.market_key for watch in bound]) if bound else {}
        for watch in bound:
            current = levels.get(watch.market_key)
            if current is not None and (changes := follow_level(watch, current)):
                await _update_watch(connection, watch, changes, to_naive_utc(now))


def follow_level(watch: BoundWatch, levels: Sequence[LevelBounds]) -> WatchChanges:
    """Return the changes of `watch` for the `levels` that its market now has. Pure.

    A level whose anchor has left the candles continues under another id (`levels.match`). One that is absent may
    return, so a watch that follows it keeps its target. A new price within the level's old zone cancels nothing,
    because every touch shifts a level slightly; the old zone then stays the one that the next price is compared with.
    """
    before = watch.level
    found = {level.level_id: level for level in levels}.get(match([before], levels).get(before.level_id, ""))
    if watch.on_move == "cancel":
        if found is None or not before.contains(found.price):
            return {"state": "cancelled"}
        return {} if found.level_id == before.level_id else {"level_id": found.level_id}
    if found is None or found == before:
        return {}
    changes: WatchChanges = {
        "level_id": found.level_id,
        "level_price": found.price,
        "level_low": found.low,
        "level_high": found.high,
    }
    if found.price != before.price:
        changes["target"] = _shift_target(watch.target, before.price, found.price)
    return changes


def needs_rearming(watch: BoundWatch, changes: WatchChanges) -> bool:
    """Return whether `changes` move the target so far that the present arming is void. Pure.

    Levels are computed after each close, when price may be beyond the target already: a close condition that lost
    its arming to a shift within the zone would miss the very close it waits for.
    """
    if "target" not in changes:
        return False
    return watch.condition not in CLOSES or not watch.level.contains(changes["level_price"])


def _shift_target(target: float, before: float, after: float) -> float:
    """Return a target at the same distance from the level as before; one that would fall to 0 or less stays."""
    shifted = after if target == before else round_significant(target + after - before)
    return shifted if shifted > 0 else target


async def _fetch_bound(connection: AsyncConnection, keys: Sequence[MarketKey]) -> list[BoundWatch]:
    """Lock and return the bound watches of these markets; users may change them at the same time.

    The query selects by symbol and `on_move`, for which there is an index; the rest is filtered here.
    """
    symbols = sorted({key[KEY.index("symbol")] for key in keys})
    query = (
        select(*(_W[name] for name in BoundWatch._fields))
        .where(_W.symbol.in_(symbols), _W.on_move.in_(["follow", "cancel"]))
        .order_by(_W.id)
        .with_for_update()
    )
    watches_found = [BoundWatch._make(row) for row in await connection.execute(query)]
    markets = frozenset(keys)
    return [watch for watch in watches_found if watch.is_alive and watch.market_key in markets]


async def _fetch_levels(
    connection: AsyncConnection, keys: Iterable[MarketKey]
) -> dict[MarketKey, list[LevelBounds]]:
    columns = [_R[name] for name in KEY]
    query = select(type_coerce(_R.levels, Text), *columns).where(tuple_(*columns).in_(list(keys)))
    levels: dict[MarketKey, list[LevelBounds]] = {}
    for text, *key in await connection.execute(query):
        if (parsed := _parse_levels(text)) is not None:
            levels[tuple(key)] = parsed
    return levels


def _parse_levels(text: str | None) -> list[LevelBounds] | None:
    """Return None for a column that another backend wrote in a form of its own."""
    try:
        return [
            LevelBounds(*(level[name] for name in LevelBounds._fields))
            for level in json.loads(text or "null")
        ]
    except (ValueError, TypeError, KeyError):
        return None


async def _update_watch(
    connection: AsyncConnection, watch: BoundWatch, changes: WatchChanges, now: datetime
) -> None:
    if needs_rearming(watch, changes):
        changes = {**changes, "since": now, "armed_at": None}
    await connection.execute(
        update(watches).where(_W.id == watch.id).values(**changes, version=_W.version + 1, updated_at=now)
    )
