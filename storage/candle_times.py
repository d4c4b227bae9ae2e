"""The last analysed candle of each market."""

from collections.abc import Sequence

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.market import Market
from schemas.tables import analysis_results

_ROWS = analysis_results.c
_KEY = (_ROWS.exchange, _ROWS.symbol, _ROWS.market_type, _ROWS.timeframe)


async def load_candle_times(connection: AsyncConnection, markets: Sequence[Market]) -> dict[str, int]:
    """Return the open time (ms) of the last analysed candle of each market that has a row of ours, by market key."""
    keys = [(one.exchange, one.symbol, one.market_type, one.timeframe) for one in markets]
    query = select(*_KEY, _ROWS.candle_at).where(tuple_(*_KEY).in_(keys), _ROWS.candle_at.is_not(None))
    rows = await connection.execute(query)
    return {
        f"{exchange}:{market_type}:{symbol}:{timeframe}": candle_at
        for exchange, symbol, market_type, timeframe, candle_at in rows
    }
