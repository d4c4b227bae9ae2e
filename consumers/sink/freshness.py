"""Measure from the tables, at an interval, how fresh the markets are and which watches are blind, for `/metrics`."""

import asyncio
from datetime import datetime

import structlog
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from runtime.clock import Clock
from runtime.metrics import MARKET_STALEST, MARKETS, WATCHES_BLIND
from schemas.freshness import oldest_fresh_candle
from schemas.market import TIMEFRAMES, candle_end
from schemas.tables import analysis_results
from schemas.values import to_ms
from storage.database_errors import describe_error
from storage.freshness_sql import count_fresh, has_known_candle
from storage.watched_prices import count_blind

_log = structlog.get_logger(__name__)

INTERVAL = 15.0
"""Seconds between two measurements."""
_READ_TIMEOUT = 10.0
_RESULTS = analysis_results.c


async def follow_freshness(engine: AsyncEngine, clock: Clock, blind_after: float) -> None:
    """Measure until cancelled. An error is logged and measured again; it delays no result."""
    while True:
        try:
            async with asyncio.timeout(_READ_TIMEOUT):
                await measure_freshness(engine, clock.now())
                await measure_blindness(engine, clock.now(), blind_after)
        except Exception as error:  # noqa: BLE001 - no one awaits this task: if it ended, the gauges would freeze
            _log.warning("sink.freshness_unknown", error=describe_error(error), seconds=INTERVAL)
        await clock.sleep(INTERVAL)


async def measure_freshness(engine: AsyncEngine, now: datetime) -> None:
    """Set the gauges from the rows that Strandline wrote."""
    floors = {timeframe: oldest_fresh_candle(now, timeframe) for timeframe in TIMEFRAMES}
    query = (
        select(_RESULTS.timeframe, func.count(), count_fresh(floors), func.min(_RESULTS.candle_at))
        .where(*has_known_candle(floors))
        .group_by(_RESULTS.timeframe)
    )
    async with engine.connect() as connection:
        rows = (await connection.execute(query)).all()
    MARKETS.clear()
    MARKET_STALEST.clear()
    for timeframe, total, fresh_count, stalest in rows:
        MARKETS.labels(timeframe, "fresh").set(int(fresh_count))
        MARKETS.labels(timeframe, "stale").set(total - int(fresh_count))
        MARKET_STALEST.labels(timeframe).set(max(0.0, (to_ms(now) - candle_end(stalest, timeframe)) / 1_000))


async def measure_blindness(engine: AsyncEngine, now: datetime, blind_after: float) -> None:
    """Set the gauge of the active watches without a price for `blind_after` seconds."""
    async with engine.connect() as connection:
        WATCHES_BLIND.set((await count_blind(connection, now, blind_after)).blind)
