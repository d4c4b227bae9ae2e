"""The number of visits to a level, by the table of levels."""

import asyncio

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.tables import levels
from storage.database_errors import translate_errors

_L = levels.c
_TIMEOUT = 5.0


async def find_touches(engine: AsyncEngine, market: str, level_id: str) -> int | None:
    """Return the visits to a level; None if the table does not have it. Raises Transient, TimeoutError."""
    query = select(_L.touches).where(_L.market == market, _L.level_id == level_id)
    async with asyncio.timeout(_TIMEOUT):
        with translate_errors():
            async with engine.connect() as connection:
                touches: int | None = (await connection.execute(query)).scalar_one_or_none()
                return touches
