"""SELECTs of the markets that exchanges offer."""

from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from api.reading import fetch_all, open_read, select_columns
from schemas.market import Market
from schemas.records import MarketRecord
from schemas.tables import markets
from schemas.values import to_naive_utc

_MARKETS = markets.c


async def list_markets(engine: AsyncEngine, exchange: str) -> list[MarketRecord]:
    """Return the stored markets of an exchange; none where no scheduler maintains them."""
    async with open_read(engine) as connection:
        return await fetch_all(connection, select_columns(markets).where(_MARKETS.exchange == exchange))


async def is_offered(engine: AsyncEngine, market: Market, since: datetime) -> bool | None:
    """Return whether the exchange offers `market`; None where the table was not refreshed since `since`."""
    has_symbol = func.max(case((_MARKETS.symbol == market.symbol, 1), else_=0))
    statement = select(func.max(_MARKETS.refreshed_at), has_symbol).where(
        _MARKETS.exchange == market.exchange, _MARKETS.market_type == market.market_type
    )
    async with open_read(engine) as connection:
        refreshed_at, has_market = (await connection.execute(statement)).one()
    if refreshed_at is None or refreshed_at < to_naive_utc(since):
        return None
    return bool(has_market)
