"""Watches that are bound to a level: when it moves or disappears, they follow or are cancelled, as was chosen.

They go by what stands in their market's row after the batch, so that a result which the row refused moves nothing.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Text, select, tuple_, type_coerce, update
from sqlalchemy.ext.asyncio import AsyncConnection

from consumers.sink.upsert import KEY
from levels import match
from schemas.market import Market
from schemas.tables import analysis_results, watches
from schemas.values import naive, rounded
from schemas.watches import CLOSES

_W = watches.c
_R = analysis_results.c
_MARKETS_A_STATEMENT = 500


class Place(NamedTuple):
    """A level, as far as it is to be found again."""

    level_id: str
    price: float
    low: float
    high: float


async def follow_levels(connection: AsyncConnection, markets: Sequence[Market], now: datetime) -> None:
    """Move the watches bound to levels of `markets`, in the caller's transaction, which has written their rows."""
    for start in range(0, len(markets), _MARKETS_A_STATEMENT):
        keys = [
            tuple(getattr(market, name) for name in KEY)
            for market in markets[start : start + _MARKETS_A_STATEMENT]
        ]
        bound = await _bound(connection, keys)
        rows = await _rows(connection, [_key(watch) for watch in bound]) if bound else {}
        for watch in bound:
            levels = rows.get(_key(watch))
            if levels is not None and (changes := moved(watch, levels)):
                await _change(connection, watch, changes, now)


def moved(watch: Mapping[str, Any], levels: Sequence[Place]) -> dict[str, Any]:
    """The columns of `watch` that change when `levels` is what its market has. Pure.

    A level whose anchor has left the candles lives on under another id (`levels.match`). One that is gone may come
    back: who follows it waits where it was. A new price within the zone that the level had is no move to be cancelled
    for: any touch shifts it by a little. That zone then stays what the next price is measured by.
    """
    was = Place(watch["level_id"], watch["level_price"], watch["level_low"], watch["level_high"])
    found = {level.level_id: level for level in levels}.get(match([was], levels).get(was.level_id, ""))
    if watch["on_move"] == "cancel":
        if found is None or not _is_within(was, found.price):
            return {"state": "cancelled"}
        return {} if found.level_id == was.level_id else {"level_id": found.level_id}
    if found is None or found == was:
        return {}
    changes = {f"level_{name}": value for name, value in found._asdict().items() if name != "level_id"}
    changes["level_id"] = found.level_id
    if found.price != was.price:
        changes["target"] = _moved_target(watch["target"], was.price, found.price)
    return changes


def rearmed(watch: Mapping[str, Any], changes: Mapping[str, Any]) -> bool:
    """Whether what armed `watch` was another target. Pure.

    Levels are computed anew after each close, when price may be beyond the target already: a close condition that
    lost its arming to a shift within the zone would miss the very close it waits for.
    """
    if "target" not in changes:
        return False
    was = Place(watch["level_id"], watch["level_price"], watch["level_low"], watch["level_high"])
    return watch["condition"] not in CLOSES or not _is_within(was, changes["level_price"])


def _is_within(zone: Place, price: float) -> bool:
    return zone.low <= price <= zone.high


def _moved_target(target: float, was: float, now: float) -> float:
    """As far from the level as it was."""
    moved = now if target == was else rounded(target + now - was)
    return moved if moved > 0 else target


async def _bound(connection: AsyncConnection, keys: Sequence[tuple[str, ...]]) -> list[Mapping[str, Any]]:
    """Locked, where the database can: they are the users' to change as well.

    Found by symbol, for which there is an index that has the bound ones apart; the rest is decided here.
    """
    symbols = sorted({key[KEY.index("symbol")] for key in keys})
    wanted = (
        select(watches)
        .where(_W.symbol.in_(symbols), _W.on_move.in_(["follow", "cancel"]))
        .order_by(_W.id)
        .with_for_update()
    )
    found = [dict(row._mapping) for row in await connection.execute(wanted)]
    of_these = frozenset(keys)
    return [watch for watch in found if _is_at_work(watch) and _key(watch) in of_these]


def _is_at_work(watch: Mapping[str, Any]) -> bool:
    return watch["state"] in {"active", "paused"} and watch["deleted_at"] is None


async def _rows(
    connection: AsyncConnection, keys: Sequence[tuple[str, ...]]
) -> dict[tuple[str, ...], list[Place]]:
    columns = [_R[name] for name in KEY]
    wanted = select(*columns, type_coerce(_R.levels, Text).label("levels")).where(tuple_(*columns).in_(keys))
    found = {}
    for row in await connection.execute(wanted):
        if (levels := _places(row.levels)) is not None:
            found[_key(row._asdict())] = levels
    return found


def _places(written: str | None) -> list[Place] | None:
    """None where another backend wrote the column, in a way of its own."""
    try:
        return [Place(*(level[name] for name in Place._fields)) for level in json.loads(written or "null")]
    except (ValueError, TypeError, KeyError):
        return None


async def _change(
    connection: AsyncConnection, watch: Mapping[str, Any], changes: dict[str, Any], now: datetime
) -> None:
    at = naive(now)
    if rearmed(watch, changes):
        changes |= {"since": at, "armed_at": None}
    await connection.execute(
        update(watches).where(_W.id == watch["id"]).values(**changes, version=_W.version + 1, updated_at=at)
    )


def _key(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(row[name] for name in KEY)
