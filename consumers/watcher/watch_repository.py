"""The watcher's access to the table of watches: all active rows, then what changed; and the armings it saves."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

import structlog
from sqlalchemy import ColumnElement, bindparam, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from consumers.watcher.engine import Arming
from consumers.watcher.watch import LoadedWatch, Watch, WatchState
from schemas.records import WatchedPriceRecord, WatchRecord, to_record
from schemas.tables import watched_prices, watches
from schemas.values import from_ms, to_aware_utc, to_ms, to_naive_utc
from schemas.watches import WatchDelivery
from storage.database_errors import describe_error, translate_errors
from storage.watched_prices import store_watched_prices

_log = structlog.get_logger(__name__)

_W = watches.c
_READ_TIMEOUT = 60.0
_WRITE_TIMEOUT = 10.0
_CHUNK_SIZE = 500
"""Ids of one statement."""
_IS_ACTIVE = (_W.state == "active", _W.deleted_at.is_(None))


async def load_active(engine: AsyncEngine) -> list[LoadedWatch]:
    """Return every active watch. Raises Transient, and ConfigurationError where there is no such table."""
    async with _connect(engine) as connection:
        return await _load(connection, *_IS_ACTIVE)


async def load_versions_since(engine: AsyncEngine, time: datetime) -> dict[str, int]:
    """Return id -> version of every watch changed at `time` or later, active or not."""
    query = select(_W.id, _W.version).where(_W.updated_at >= to_naive_utc(time))
    async with _connect(engine) as connection:
        return {row.id: row.version for row in await connection.execute(query)}


async def load_active_by_id(engine: AsyncEngine, watch_ids: Iterable[str]) -> list[LoadedWatch]:
    """Return those of `watch_ids` that are active."""
    ids = sorted(watch_ids)
    loaded: list[LoadedWatch] = []
    async with _connect(engine) as connection:
        for start in range(0, len(ids), _CHUNK_SIZE):
            loaded += await _load(connection, _W.id.in_(ids[start : start + _CHUNK_SIZE]), *_IS_ACTIVE)
    return loaded


async def save_armings(engine: AsyncEngine, armings: Mapping[str, Arming]) -> None:
    """Write when close conditions were armed, except to rows that have changed since.

    A row that the database refuses is isolated and logged: its watch stays armed in memory. Raises Transient.
    """
    pending = [sorted(armings.items())] if armings else []
    while pending:
        batch = pending.pop()
        try:
            await _write_armings(engine, batch)
        except SQLAlchemyError as error:  # a rejection: `translate_errors` turns the others into ours
            middle = len(batch) // 2
            if middle:
                pending += [batch[:middle], batch[middle:]]
            else:
                _log.error("watcher.arming_rejected", watch_id=batch[0][0], error=describe_error(error))


async def load_prices(engine: AsyncEngine) -> list[WatchedPriceRecord]:
    """Return the last evaluated price of every market with watches."""
    async with _connect(engine) as connection:
        rows = await connection.execute(select(watched_prices))
        return [to_record(row, WatchedPriceRecord) for row in rows]


async def save_prices(engine: AsyncEngine, rows: Sequence[WatchedPriceRecord]) -> None:
    """Write the last price of markets with watches. Raises Transient."""
    if not rows:
        return
    with translate_errors():
        async with asyncio.timeout(_WRITE_TIMEOUT), engine.begin() as connection:
            await store_watched_prices(connection, rows)


async def _write_armings(engine: AsyncEngine, armings: Sequence[tuple[str, Arming]]) -> None:
    statement = (
        update(watches)
        .where(_W.id == bindparam("of"), _W.version == bindparam("at"))
        .values(armed_at=bindparam("armed"))
    )
    values = [
        {"of": watch_id, "at": arming.version, "armed": to_naive_utc(from_ms(arming.armed_at))}
        for watch_id, arming in armings
    ]
    with translate_errors():
        async with asyncio.timeout(_WRITE_TIMEOUT), engine.begin() as connection:
            await connection.execute(statement, values)


def to_loaded_watch(row: WatchRecord) -> LoadedWatch:
    """Return a row of `watches` as the watcher holds it; times become ms."""
    watch = Watch(
        id=row["id"],
        exchange=row["exchange"],
        market_type=row["market_type"],
        symbol=row["symbol"],
        condition=row["condition"],
        target=row["target"],
        side=row["side"],
        since=to_ms(to_aware_utc(row["since"])),
        timeframe=row["timeframe"],
        level_id=row["level_id"],
        note=row["note"],
        delivery=WatchDelivery.model_validate(row["delivery"]) if row["delivery"] else None,
        once=row["repeat"] == "once",
        cooldown=row["cooldown_seconds"] * 1_000,
        expires_at=_to_ms_or_none(row["expires_at"]),
        within_pct=row["within_pct"],
        within_atr=row["within_atr"],
        atr=row["atr"],
    )
    state = WatchState(
        fires=row["fires"],
        fired_at=_to_ms_or_none(row["last_fired_at"]),
        armed_at=_to_ms_or_none(row["armed_at"]),
    )
    return LoadedWatch(watch, state, row["version"])


async def _load(connection: AsyncConnection, *conditions: ColumnElement[bool]) -> list[LoadedWatch]:
    rows = await connection.execute(select(watches).where(*conditions))
    return [to_loaded_watch(to_record(row, WatchRecord)) for row in rows]


@asynccontextmanager
async def _connect(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    with translate_errors():
        async with asyncio.timeout(_READ_TIMEOUT), engine.connect() as connection:
            yield connection


def _to_ms_or_none(time: datetime | None) -> int | None:
    return to_ms(to_aware_utc(time)) if time else None
