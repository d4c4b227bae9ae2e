"""SELECTs of the last prices of results."""

from collections.abc import Collection
from dataclasses import astuple

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncEngine

from api.reading import open_read
from exchanges.ports import Tradable
from schemas.tables import analysis_results

_RESULTS = analysis_results.c


async def load_analyzed_prices(engine: AsyncEngine, markets: Collection[Tradable]) -> dict[Tradable, float]:
    """Return the last price of the newest result of each market, of any timeframe; others are omitted."""
    if not markets:
        return {}
    key = tuple_(_RESULTS.exchange, _RESULTS.market_type, _RESULTS.symbol)
    statement = (
        select(_RESULTS.exchange, _RESULTS.market_type, _RESULTS.symbol, _RESULTS.last_price)
        .where(key.in_(sorted(astuple(market) for market in markets)))
        .order_by(_RESULTS.updated_at, _RESULTS.id)
    )
    async with open_read(engine) as connection:
        rows = await connection.execute(statement)
        return {Tradable(row.exchange, row.market_type, row.symbol): row.last_price for row in rows}
