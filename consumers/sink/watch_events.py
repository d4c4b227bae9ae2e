"""Fires and ends of watches: each fire recorded once, and the watch set to what the latest of them says.

Order and repetition change nothing. A watch knows its highest arming that fired, and is changed by a higher one only;
a fire outranks an end, because the price that fired came before it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, case, or_, update
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.events import WatchExpired, WatchFired
from schemas.tables import watch_fires, watches
from schemas.values import naive

_W = watches.c
_EXACT = timedelta(milliseconds=1)
"""Events name the end of a watch in ms, the table in µs."""


async def record_watch_events(
    connection: AsyncConnection, events: Sequence[WatchFired | WatchExpired], now: datetime
) -> None:
    """Writes in the caller's transaction; sorted, so that two writers lock in the same order."""
    fired = sorted((event for event in events if isinstance(event, WatchFired)), key=_order)
    expired = sorted((event for event in events if isinstance(event, WatchExpired)), key=lambda e: e.watch_id)
    if fired:
        await connection.execute(_append(connection.dialect.name), [_fire(event, now) for event in fired])
        await connection.execute(_FIRED, [_fired(event, now) for event in fired])
    if expired:
        await connection.execute(_EXPIRED, [_expired(event, now) for event in expired])


def _append(dialect: str) -> mysql.Insert | sqlite.Insert:
    """As `history.append`: what is there stays as it is, what does not fit is refused."""
    if dialect == "mysql":
        return mysql.insert(watch_fires).on_duplicate_key_update(fire_id=watch_fires.c.fire_id)
    return sqlite.insert(watch_fires).on_conflict_do_nothing()


# Spelled out: a list of values is nothing that a statement can be executed many times with.
_AT_WORK = or_(_W.state == "active", _W.state == "paused")
_FIRED = (
    update(watches)
    .where(_W.id == bindparam("of"), _W.fires < bindparam("arm"))
    .values(
        state=case(
            (and_(_W.repeat == "once", or_(_AT_WORK, _W.state == "expired")), "fired"),
            else_=_W.state,
        ),
        last_fired_at=bindparam("fired_at"),
        last_fired_price=bindparam("price"),
        fires=bindparam("arm"),
        version=_W.version + 1,
        updated_at=bindparam("now"),
    )
)
_EXPIRED = (
    update(watches)
    .where(_W.id == bindparam("of"), _AT_WORK, _W.expires_at < bindparam("until"))
    .values(state="expired", version=_W.version + 1, updated_at=bindparam("now"))
)


def _order(event: WatchFired) -> tuple[str, int]:
    return event.watch_id, event.arm


def _fire(event: WatchFired, now: datetime) -> dict[str, Any]:
    told = event.model_dump(include=set(watch_fires.columns.keys()))
    return told | {"at": naive(event.at), "recorded_at": naive(now)}


def _fired(event: WatchFired, now: datetime) -> dict[str, Any]:
    return {
        "of": event.watch_id,
        "arm": event.arm,
        "fired_at": naive(event.at),
        "price": event.price,
        "now": naive(now),
    }


def _expired(event: WatchExpired, now: datetime) -> dict[str, Any]:
    return {"of": event.watch_id, "until": naive(event.at) + _EXACT, "now": naive(now)}
