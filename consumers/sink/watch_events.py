"""Record fires and expiries of watches: each fire once, and the watch set to its latest fire.

Order and repetition do not matter: a watch is changed only by an arming higher than its highest that fired, and a
fire outranks an expiry, because the price that fired came before the end.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypedDict

from sqlalchemy import and_, bindparam, case, or_, update
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.tables import watch_fires, watches
from schemas.values import to_naive_utc
from schemas.watch_events import WatchExpired, WatchFired

_W = watches.c
_MILLISECOND = timedelta(milliseconds=1)
"""Events carry the end of a watch in ms, the table in µs."""


class _FireParams(TypedDict):
    """Bound parameters of `_APPLY_FIRE`."""

    of: str
    arm: int
    fired_at: datetime
    price: float
    late: bool
    now: datetime


class _ExpiryParams(TypedDict):
    """Bound parameters of `_APPLY_EXPIRY`."""

    of: str
    until: datetime
    now: datetime


async def record_watch_events(
    connection: AsyncConnection, events: Sequence[WatchFired | WatchExpired], now: datetime
) -> None:
    """Write in the caller's transaction, sorted, so that two writers lock in the same order."""
    fires = sorted(
        (event for event in events if isinstance(event, WatchFired)),
        key=lambda fire: (fire.watch_id, fire.arm),
    )
    expiries = sorted(
        (event for event in events if isinstance(event, WatchExpired)), key=lambda e: e.watch_id
    )
    if fires:
        await connection.execute(
            _insert_fires(connection.dialect.name), [_to_fire_row(fire, now) for fire in fires]
        )
        await connection.execute(_APPLY_FIRE, [_to_fire_params(fire, now) for fire in fires])
    if expiries:
        await connection.execute(_APPLY_EXPIRY, [_to_expiry_params(expiry, now) for expiry in expiries])


def _insert_fires(dialect: str) -> mysql.Insert | sqlite.Insert:
    """As `history.insert_history`: existing rows stay unchanged, values that do not fit are refused."""
    if dialect == "mysql":
        return mysql.insert(watch_fires).on_duplicate_key_update(fire_id=watch_fires.c.fire_id)
    return sqlite.insert(watch_fires).on_conflict_do_nothing()


# `IN` would bind a list, which a statement executed with many parameter sets cannot have.
_IS_ALIVE = or_(_W.state == "active", _W.state == "paused")
_APPLY_FIRE = (
    update(watches)
    .where(_W.id == bindparam("of"), _W.fires < bindparam("arm"))
    .values(
        state=case(
            (and_(_W.repeat == "once", or_(_IS_ALIVE, _W.state == "expired")), "fired"),
            else_=_W.state,
        ),
        last_fired_at=bindparam("fired_at"),
        last_fired_price=bindparam("price"),
        last_fired_late=bindparam("late"),
        fires=bindparam("arm"),
        version=_W.version + 1,
        updated_at=bindparam("now"),
    )
)
_APPLY_EXPIRY = (
    update(watches)
    .where(_W.id == bindparam("of"), _IS_ALIVE, _W.expires_at < bindparam("until"))
    .values(state="expired", version=_W.version + 1, updated_at=bindparam("now"))
)


def _to_fire_row(fire: WatchFired, now: datetime) -> dict[str, object]:
    """Return the columns that are fields of the event, and when it was recorded."""
    values = fire.model_dump(include=set(watch_fires.columns.keys()))
    return values | {"at": to_naive_utc(fire.at), "recorded_at": to_naive_utc(now)}


def _to_fire_params(fire: WatchFired, now: datetime) -> _FireParams:
    return {
        "of": fire.watch_id,
        "arm": fire.arm,
        "fired_at": to_naive_utc(fire.at),
        "price": fire.price,
        "late": fire.late,
        "now": to_naive_utc(now),
    }


def _to_expiry_params(expiry: WatchExpired, now: datetime) -> _ExpiryParams:
    return {"of": expiry.watch_id, "until": to_naive_utc(expiry.at) + _MILLISECOND, "now": to_naive_utc(now)}
