"""SELECTs of the last prices of results."""

from collections.abc import Collection
from dataclasses import astuple

from sqlalchemy import func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncEngine

from api.prices.live_prices import KnownPrice
from api.reading import open_read
from exchanges.ports import Tradable
from schemas.tables import analysis_results
from schemas.values import to_aware_utc, to_ms

_RESULTS = analysis_results.c


async def load_analyzed_prices(
    engine: AsyncEngine, markets: Collection[Tradable]
) -> dict[Tradable, KnownPrice]:
    """Return the last price of the newest result of each market, of any timeframe, as of its analysis.

    Markets without a result are omitted.
    """
    if not markets:
        return {}
    time = func.coalesce(_RESULTS.analyzed_at, _RESULTS.updated_at)
    key = tuple_(_RESULTS.exchange, _RESULTS.market_type, _RESULTS.symbol)
    statement = (
        select(
            _RESULTS.exchange, _RESULTS.market_type, _RESULTS.symbol, _RESULTS.last_price, time.label("at")
        )
        .where(key.in_(sorted(astuple(market) for market in markets)))
        .order_by(_RESULTS.updated_at, _RESULTS.id)
    )
    async with open_read(engine) as connection:
        rows = await connection.execute(statement)
        return {
            Tradable(row.exchange, row.market_type, row.symbol): KnownPrice(
                row.last_price, to_ms(to_aware_utc(row.at))
            )
            for row in rows
        }
