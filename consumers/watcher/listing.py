"""The table of watches, as the watcher reads it: all at first, then what changed; and the little it writes there."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from consumers.watcher.desk import Listed
from consumers.watcher.watch import Standing, Watch
from schemas.tables import watches
from schemas.values import from_ms, to_aware_utc, to_ms, to_naive_utc
from storage.database_errors import translate_errors

_W = watches.c
_LONGEST_READ = 60.0
_LONGEST_WRITE = 10.0
_IDS_A_STATEMENT = 500
_AT_WORK = (_W.state == "active", _W.deleted_at.is_(None))


async def all_at_work(engine: AsyncEngine) -> list[Listed]:
    """Raises Transient, and ConfigurationError where there is no such table."""
    async with _connected(engine) as connection:
        return [listed(row) for row in await connection.execute(select(watches).where(*_AT_WORK))]


async def versions_since(engine: AsyncEngine, time: datetime) -> dict[str, int]:
    """id -> version of every watch that changed at that time or later, whatever became of it."""
    changed = select(_W.id, _W.version).where(_W.updated_at >= to_naive_utc(time))
    async with _connected(engine) as connection:
        return {row.id: row.version for row in await connection.execute(changed)}


async def at_work(engine: AsyncEngine, watch_ids: Iterable[str]) -> list[Listed]:
    """Those of them that are at work."""
    ids = sorted(watch_ids)
    found: list[Listed] = []
    async with _connected(engine) as connection:
        for start in range(0, len(ids), _IDS_A_STATEMENT):
            some = select(watches).where(_W.id.in_(ids[start : start + _IDS_A_STATEMENT]), *_AT_WORK)
            found += [listed(row) for row in await connection.execute(some)]
    return found


async def keep_armed(engine: AsyncEngine, armed: Mapping[str, tuple[int, int]]) -> None:
    """Write when close conditions were armed (`Desk.armed`), unless they were changed meanwhile."""
    if not armed:
        return
    writing = (
        update(watches)
        .where(_W.id == bindparam("of"), _W.version == bindparam("at"))
        .values(armed_at=bindparam("armed"))
    )
    values: Sequence[dict[str, Any]] = [
        {"of": watch_id, "at": version, "armed": to_naive_utc(from_ms(armed_at))}
        for watch_id, (version, armed_at) in sorted(armed.items())
    ]
    with translate_errors():
        async with asyncio.timeout(_LONGEST_WRITE), engine.begin() as connection:
            await connection.execute(writing, values)


def listed(row: Row[Any]) -> Listed:
    watch = Watch(
        id=row.id,
        exchange=row.exchange,
        market_type=row.market_type,
        symbol=row.symbol,
        condition=row.condition,
        target=row.target,
        side=row.side,
        since=_ms(row.since),
        timeframe=row.timeframe,
        level_id=row.level_id,
        once=row.repeat == "once",
        cooldown=row.cooldown_seconds * 1_000,
        expires_at=_ms(row.expires_at) if row.expires_at else None,
    )
    standing = Standing(
        fires=row.fires,
        fired_at=_ms(row.last_fired_at) if row.last_fired_at else None,
        armed_at=_ms(row.armed_at) if row.armed_at else None,
    )
    return Listed(watch, standing, row.version)


@asynccontextmanager
async def _connected(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    with translate_errors():
        async with asyncio.timeout(_LONGEST_READ), engine.connect() as connection:
            yield connection


def _ms(time: datetime) -> int:
    return to_ms(to_aware_utc(time))
