"""How fresh the markets are, counted off the table now and then for `/metrics`."""

import asyncio
from datetime import datetime

import structlog
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from runtime.clock import Clock
from runtime.metrics import MARKET_STALEST, MARKETS
from schemas.freshness import oldest_fresh
from schemas.market import TIMEFRAMES, candle_end
from schemas.tables import analysis_results
from schemas.values import to_ms
from storage.database_errors import told
from storage.freshness_sql import fresh, ours

_log = structlog.get_logger(__name__)

EVERY = 15.0
"""Seconds."""
_LONGEST_READ = 10.0
_TABLE = analysis_results.c


async def follow_freshness(engine: AsyncEngine, clock: Clock) -> None:
    """Until cancelled. Whatever goes wrong is logged, and looked at again: it holds up no result."""
    while True:
        try:
            async with asyncio.timeout(_LONGEST_READ):
                await measure(engine, clock.now())
        except Exception as error:  # noqa: BLE001 - nobody waits for this task: one that ended would freeze the gauges
            _log.warning("sink.freshness_unknown", error=told(error), seconds=EVERY)
        await clock.sleep(EVERY)


async def measure(engine: AsyncEngine, now: datetime) -> None:
    """Set the gauges to what the table says of our rows."""
    floors = {timeframe: oldest_fresh(now, timeframe) for timeframe in TIMEFRAMES}
    counted = (
        select(_TABLE.timeframe, func.count(), fresh(floors), func.min(_TABLE.candle_at))
        .where(*ours(floors))
        .group_by(_TABLE.timeframe)
    )
    async with engine.connect() as connection:
        found = (await connection.execute(counted)).all()
    MARKETS.clear()
    MARKET_STALEST.clear()
    for timeframe, markets, of_them_fresh, stalest in found:
        MARKETS.labels(timeframe, "fresh").set(int(of_them_fresh))
        MARKETS.labels(timeframe, "stale").set(markets - int(of_them_fresh))
        MARKET_STALEST.labels(timeframe).set(max(0.0, (to_ms(now) - candle_end(stalest, timeframe)) / 1_000))
