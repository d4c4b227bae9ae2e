"""What the API writes about watches. Each call is one transaction, within a bound.

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

from schemas.tables import watches
from storage.database_errors import translate_errors

_LONGEST_WRITE = 10.0
_WATCHES = watches.c


async def add(engine: AsyncEngine, row: Mapping[str, Any]) -> bool:
    """Whether it was written: False where another has its `client_key`."""
    try:
        async with _writing(engine) as connection:
            await connection.execute(insert(watches).values(**row))
    except IntegrityError:
        if row["client_key"] is None:
            raise
        return False
    return True


async def change(
    engine: AsyncEngine, watch_id: str, version: int, changes: Mapping[str, Any], now: datetime
) -> bool:
    """Whether it was changed: False where it no longer stands at `version`. `now` is naive, UTC."""
    changing = (
        update(watches)
        .where(_WATCHES.id == watch_id, _WATCHES.version == version, _WATCHES.deleted_at.is_(None))
        .values(**changes, version=version + 1, updated_at=now)
    )
    async with _writing(engine) as connection:
        return (await connection.execute(changing)).rowcount == 1


async def remove(engine: AsyncEngine, watch_id: str, now: datetime) -> bool:
    """Whether it was there. Its row stays for the watcher to see that it is gone; its key is free again."""
    removing = (
        update(watches)
        .where(_WATCHES.id == watch_id, _WATCHES.deleted_at.is_(None))
        .values(
            deleted_at=now, client_key=None, state="cancelled", version=_WATCHES.version + 1, updated_at=now
        )
    )
    async with _writing(engine) as connection:
        return (await connection.execute(removing)).rowcount == 1


@asynccontextmanager
async def _writing(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    with translate_errors():
        async with asyncio.timeout(_LONGEST_WRITE), engine.begin() as connection:
            yield connection
