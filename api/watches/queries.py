"""Every SELECT about watches; as `api.results.queries`, whose bound and errors they share."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, case, func, select, tuple_, type_coerce
from sqlalchemy.ext.asyncio import AsyncEngine

from api.prices.board import Place
from api.results.queries import Stored, all_of, page_of, reading
from schemas.market import Market
from schemas.tables import analysis_results, markets, watch_fires, watches
from schemas.values import to_naive_utc

_WATCHES = watches.c
_FIRES = watch_fires.c
_RESULTS = analysis_results.c
_MARKETS = markets.c


@dataclass(frozen=True, slots=True)
class WantedWatches:
    """`symbol` in its searched form (`api.http.symbol_query.searched`), any part of it; None: no filter."""

    state: str | None = None
    exchange: str | None = None
    market_type: str | None = None
    symbol: str | None = None


async def watch(engine: AsyncEngine, watch_id: str) -> Stored | None:
    return await _one(engine, _WATCHES.id == watch_id)


async def watch_of_key(engine: AsyncEngine, client_key: str) -> Stored | None:
    return await _one(engine, _WATCHES.client_key == client_key)


async def offers(engine: AsyncEngine, market: Market, since: datetime) -> bool | None:
    """Whether the table of markets has it; None where it does not say what there is, as of `since` or later."""
    told = select(
        func.max(_MARKETS.refreshed_at), func.max(case((_MARKETS.symbol == market.symbol, 1), else_=0))
    ).where(_MARKETS.exchange == market.exchange, _MARKETS.market_type == market.market_type)
    async with reading(engine) as connection:
        refreshed, found = (await connection.execute(told)).one()
    if refreshed is None or refreshed < to_naive_utc(since):
        return None
    return bool(found)


async def listed_watches(
    engine: AsyncEngine, wanted: WantedWatches, *, offset: int, limit: int
) -> tuple[list[Stored], int]:
    """One page of the newest watches, and how many there are."""
    conditions = _conditions(wanted)
    counted = select(func.count()).select_from(watches).where(*conditions)
    rows = _watches().where(*conditions).order_by(_WATCHES.created_at.desc(), _WATCHES.id.desc())
    return await page_of(engine, rows, counted, offset=offset, limit=limit)


async def fires(engine: AsyncEngine, watch_id: str, *, limit: int) -> list[Stored]:
    """The newest fires of a watch."""
    newest = (
        select(watch_fires)
        .where(_FIRES.watch_id == watch_id)
        .order_by(_FIRES.at.desc(), _FIRES.arm.desc())
        .limit(limit)
    )
    async with reading(engine) as connection:
        return await all_of(connection, newest)


async def analysed_prices(engine: AsyncEngine, places: Collection[Place]) -> dict[Place, float]:
    """The last price of the newest row of each place that has one, whatever its timeframe."""
    if not places:
        return {}
    key = tuple_(_RESULTS.exchange, _RESULTS.market_type, _RESULTS.symbol)
    rows = (
        select(_RESULTS.exchange, _RESULTS.market_type, _RESULTS.symbol, _RESULTS.last_price)
        .where(key.in_(sorted(places)))
        .order_by(_RESULTS.updated_at, _RESULTS.id)
    )
    async with reading(engine) as connection:
        found = await connection.execute(rows)
        return {(one.exchange, one.market_type, one.symbol): one.last_price for one in found}


async def levels_of(engine: AsyncEngine, market: Market) -> object:
    """The levels of that market's row as they are stored; None where there is none."""
    stored = select(type_coerce(_RESULTS.levels, Text)).where(
        _RESULTS.exchange == market.exchange,
        _RESULTS.market_type == market.market_type,
        _RESULTS.symbol == market.symbol,
        _RESULTS.timeframe == market.timeframe,
    )
    async with reading(engine) as connection:
        return (await connection.execute(stored)).scalar_one_or_none()


async def _one(engine: AsyncEngine, condition: ColumnElement[bool]) -> Stored | None:
    async with reading(engine) as connection:
        found = await all_of(connection, _watches().where(condition))
        return found[0] if found else None


def _watches() -> Select[Any]:
    return select(watches).where(_WATCHES.deleted_at.is_(None))


def _conditions(wanted: WantedWatches) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [_WATCHES.deleted_at.is_(None)]
    for column, value in (
        (_WATCHES.state, wanted.state),
        (_WATCHES.exchange, wanted.exchange),
        (_WATCHES.market_type, wanted.market_type),
    ):
        if value is not None:
            conditions.append(column == value)
    if wanted.symbol is not None:
        conditions.append(_WATCHES.symbol.contains(wanted.symbol, autoescape=True))
    return conditions
