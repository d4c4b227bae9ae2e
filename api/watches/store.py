"""Writes of watches. Each call is one transaction within WRITE_TIMEOUT seconds.

All raise Transient while the database is away.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from api.watches.rules import NewWatch
from schemas.tables import watches
from storage.database_errors import translate_errors

WRITE_TIMEOUT = 10.0
_WATCHES = watches.c


async def insert_watch(engine: AsyncEngine, row: NewWatch) -> bool:
    """Insert a watch; return False where another one has its `client_key`."""
    try:
        async with open_write(engine) as connection:
            await connection.execute(insert(watches).values(**row))
    except IntegrityError:
        if row["client_key"] is None:
            raise
        return False
    return True


async def update_watch(
    engine: AsyncEngine, watch_id: str, version: int, changes: Mapping[str, Any], now: datetime
) -> bool:
    """Change columns of a watch; return False where its version is no longer `version`. `now` is naive, UTC."""
    statement = (
        update(watches)
        .where(_WATCHES.id == watch_id, _WATCHES.version == version, _WATCHES.deleted_at.is_(None))
        .values(**changes, version=version + 1, updated_at=now)
    )
    async with open_write(engine) as connection:
        return (await connection.execute(statement)).rowcount == 1


async def delete_watch(engine: AsyncEngine, watch_id: str, now: datetime) -> bool:
    """Mark a watch as deleted; return False where there is none.

    The row stays, so that the watcher sees the deletion and `restore_watch` can take it back; its `client_key` can be
    used again.
    """
    statement = (
        update(watches)
        .where(_WATCHES.id == watch_id, _WATCHES.deleted_at.is_(None))
        .values(deleted_at=now, client_key=None, version=_WATCHES.version + 1, updated_at=now)
    )
    async with open_write(engine) as connection:
        return (await connection.execute(statement)).rowcount == 1


async def restore_watch(engine: AsyncEngine, watch_id: str, now: datetime) -> bool:
    """Take the deletion of a watch back; return False where no deleted row is left.

    It is armed by the next price: what the price did while it was deleted fires nothing.
    """
    statement = (
        update(watches)
        .where(_WATCHES.id == watch_id, _WATCHES.deleted_at.is_not(None))
        .values(deleted_at=None, since=now, armed_at=None, version=_WATCHES.version + 1, updated_at=now)
    )
    async with open_write(engine) as connection:
        return (await connection.execute(statement)).rowcount == 1


@asynccontextmanager
async def open_write(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    with translate_errors():
        async with asyncio.timeout(WRITE_TIMEOUT), engine.begin() as connection:
            yield connection
