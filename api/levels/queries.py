"""SELECTs of levels and of their events."""

from sqlalchemy import Text, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncEngine

from api.reading import open_read
from schemas.tables import level_events

_E = level_events.c


async def list_level_events(engine: AsyncEngine, market: str, level_id: str, *, limit: int) -> list[str]:
    """Return the newest events of a level, newest first, as the JSON that was published."""
    query = (
        select(type_coerce(_E.event, Text))
        .where(_E.market == market, _E.level_id == level_id)
        .order_by(_E.at.desc(), _E.recorded_at.desc(), _E.event_id)
        .limit(limit)
    )
    async with open_read(engine) as connection:
        return list((await connection.execute(query)).scalars())
