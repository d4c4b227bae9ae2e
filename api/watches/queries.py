"""SELECTs of watches and their fires."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from api.reading import fetch_all, fetch_one, fetch_page, open_read, select_columns
from schemas.market import MarketType
from schemas.records import FireRecord, WatchRecord
from schemas.tables import watch_fires, watches
from schemas.watches import WatchStatus

_WATCHES = watches.c
_FIRES = watch_fires.c


@dataclass(frozen=True, slots=True)
class WatchFilter:
    """Which watches to select; None means no filter. `symbol`, normalized by `normalize_query`, matches any part."""

    state: WatchStatus | None = None
    exchange: str | None = None
    market_type: MarketType | None = None
    symbol: str | None = None


async def get_watch(engine: AsyncEngine, watch_id: str) -> WatchRecord | None:
    """Return the watch of an id, unless it is deleted."""
    return await fetch_one(engine, _watches().where(_WATCHES.id == watch_id))


async def get_watch_by_key(engine: AsyncEngine, client_key: str) -> WatchRecord | None:
    """Return the watch that was created with `client_key`."""
    return await fetch_one(engine, _watches().where(_WATCHES.client_key == client_key))


async def list_watches(
    engine: AsyncEngine, where: WatchFilter, *, offset: int, limit: int
) -> tuple[list[WatchRecord], int]:
    """Return one page of the newest watches, and their total number."""
    conditions = _build_conditions(where)
    count = select(func.count()).select_from(watches).where(*conditions)
    rows = _watches().where(*conditions).order_by(_WATCHES.created_at.desc(), _WATCHES.id.desc())
    return await fetch_page(engine, rows.offset(offset).limit(limit), count, offset=offset)


async def list_fires(engine: AsyncEngine, watch_id: str, *, limit: int) -> list[FireRecord]:
    """Return the newest fires of a watch."""
    newest = (
        select_columns(watch_fires)
        .where(_FIRES.watch_id == watch_id)
        .order_by(_FIRES.at.desc(), _FIRES.arm.desc())
        .limit(limit)
    )
    async with open_read(engine) as connection:
        return await fetch_all(connection, newest)


def _watches() -> Select[Any]:
    return select_columns(watches).where(_WATCHES.deleted_at.is_(None))


def _build_conditions(where: WatchFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [_WATCHES.deleted_at.is_(None)]
    for column, value in (
        (_WATCHES.state, where.state),
        (_WATCHES.exchange, where.exchange),
        (_WATCHES.market_type, where.market_type),
    ):
        if value is not None:
            conditions.append(column == value)
    if where.symbol is not None:
        conditions.append(_WATCHES.symbol.contains(where.symbol, autoescape=True))
    return conditions
