"""SELECTs of the fires of all watches, standing ones included."""

from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from api.fires.cursor import FireCursor
from api.reading import fetch_all, open_read
from schemas.records import FireRecord
from schemas.tables import standing_watches, watch_fires, watches

_FIRES = watch_fires.c
_WATCHES = watches.c
_STANDING = standing_watches.c
_MARKET = ("exchange", "market_type", "symbol")


async def list_fires_after(
    engine: AsyncEngine, after: FireCursor, *, limit: int
) -> tuple[list[FireRecord], datetime | None]:
    """Return fires recorded after the cursor, oldest first, and the time of the newest fire of all.

    The fires of deleted watches are left out.
    """
    market = [func.coalesce(_FIRES[name], _WATCHES[name]).label(name) for name in _MARKET]
    columns = [column for column in watch_fires.columns if column.name not in _MARKET]
    rows = (
        select(*columns, *market)
        .outerjoin(watches, _WATCHES.id == _FIRES.watch_id)
        .outerjoin(standing_watches, _STANDING.id == _FIRES.watch_id)
        .where(
            or_(
                _FIRES.recorded_at > after.recorded_at,
                and_(_FIRES.recorded_at == after.recorded_at, _FIRES.fire_id > after.fire_id),
            ),
            or_(
                and_(_WATCHES.id.is_not(None), _WATCHES.deleted_at.is_(None)),
                # The first fires of standing watches were recorded without their market.
                and_(_STANDING.id.is_not(None), _FIRES.symbol.is_not(None)),
            ),
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
