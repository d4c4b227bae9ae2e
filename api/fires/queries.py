"""SELECTs of the fires of all watches."""

from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from api.fires.cursor import FireCursor
from api.reading import fetch_all, open_read, select_columns
from schemas.records import MarketFireRecord
from schemas.tables import watch_fires, watches

_FIRES = watch_fires.c
_WATCHES = watches.c


async def list_fires_after(
    engine: AsyncEngine, after: FireCursor, *, limit: int
) -> tuple[list[MarketFireRecord], datetime | None]:
    """Return fires recorded after the cursor, oldest first, and the time of the newest fire of all.

    The fires of deleted watches are left out.
    """
    rows = (
        select_columns(watch_fires)
        .add_columns(_WATCHES.exchange, _WATCHES.market_type, _WATCHES.symbol)
        .join(watches, _WATCHES.id == _FIRES.watch_id)
        .where(
            or_(
                _FIRES.recorded_at > after.recorded_at,
                and_(_FIRES.recorded_at == after.recorded_at, _FIRES.fire_id > after.fire_id),
            ),
            _WATCHES.deleted_at.is_(None),
        )
        .order_by(_FIRES.recorded_at, _FIRES.fire_id)
        .limit(limit)
    )
    async with open_read(engine) as connection:
        # Read first: a fire that is recorded between the two must not be skipped.
        newest = (await connection.execute(_NEWEST)).scalar_one()
        return await fetch_all(connection, rows), newest


async def find_newest_time(engine: AsyncEngine) -> datetime | None:
    """Return when the newest fire was recorded; None when there is none."""
    async with open_read(engine) as connection:
        newest: datetime | None = (await connection.execute(_NEWEST)).scalar_one()
        return newest


_NEWEST = select(func.max(_FIRES.recorded_at))
