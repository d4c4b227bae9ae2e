"""Reads and writes of standing watches. All raise Transient while the database is away."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from api.reading import fetch_all, fetch_one, open_read, select_columns
from api.watches.store import open_write
from schemas.records import StandingMemberRecord, StandingWatchRecord
from schemas.tables import standing_members, standing_watches, watch_fires

_W = standing_watches.c
_M = standing_members.c
_F = watch_fires.c
_CHUNK_SIZE = 500


async def list_standing_watches(engine: AsyncEngine) -> list[StandingWatchRecord]:
    """Return all of them, the newest first."""
    query = select_columns(standing_watches).order_by(_W.created_at.desc(), _W.id)
    async with open_read(engine) as connection:
        return await fetch_all(connection, query)


async def get_standing_watch(engine: AsyncEngine, watch_id: str) -> StandingWatchRecord | None:
    return await fetch_one(engine, select_columns(standing_watches).where(_W.id == watch_id))


async def count_members(engine: AsyncEngine) -> dict[str, int]:
    """Return how many levels are in the answer of each watch."""
    query = select(_M.watch_id, func.count().label("members")).where(_M.is_inside).group_by(_M.watch_id)
    async with open_read(engine) as connection:
        return {row.watch_id: row.members for row in await connection.execute(query)}


async def find_last_fires(engine: AsyncEngine, ids: Sequence[str]) -> dict[str, datetime]:
    """Return when each watch fired last, naive in UTC; those without a fire are omitted."""
    query = (
        select(_F.watch_id, func.max(_F.at).label("fired_at"))
        .where(_F.watch_id.in_(ids))
        .group_by(_F.watch_id)
    )
    async with open_read(engine) as connection:
        return {row.watch_id: row.fired_at for row in await connection.execute(query)}


async def insert_standing_watch(
    engine: AsyncEngine, row: StandingWatchRecord, members: Sequence[StandingMemberRecord]
) -> None:
    async with open_write(engine) as connection:
        await _insert_members(connection, members)
        await connection.execute(insert(standing_watches).values(**row))


async def update_standing_watch(
    engine: AsyncEngine,
    watch_id: str,
    changes: Mapping[str, Any],
    members: Sequence[StandingMemberRecord] | None,
    now: datetime,
) -> None:
    """Change columns; `members`, unless None, replace those that are known. `now` is naive, UTC."""
    async with open_write(engine) as connection:
        if members is not None:
            await connection.execute(delete(standing_members).where(_M.watch_id == watch_id))
            await _insert_members(connection, members)
        await connection.execute(
            update(standing_watches)
            .where(_W.id == watch_id)
            .values(**changes, version=_W.version + 1, updated_at=now)
        )


async def delete_standing_watch(engine: AsyncEngine, watch_id: str) -> bool:
    """Delete a watch with its members; return False where there is none."""
    async with open_write(engine) as connection:
        await connection.execute(delete(standing_members).where(_M.watch_id == watch_id))
        found = await connection.execute(delete(standing_watches).where(_W.id == watch_id))
        return found.rowcount == 1


async def _insert_members(connection: AsyncConnection, members: Sequence[StandingMemberRecord]) -> None:
    for start in range(0, len(members), _CHUNK_SIZE):
        await connection.execute(
            insert(standing_members), [dict(row) for row in members[start : start + _CHUNK_SIZE]]
        )
