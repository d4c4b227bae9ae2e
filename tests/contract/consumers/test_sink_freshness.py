"""The freshness gauges, measured from the table."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime

import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from consumers.sink import freshness
from consumers.sink.freshness import INTERVAL, follow_freshness, measure_freshness
from runtime.metrics import MARKETS
from schemas.tables import analysis_results
from schemas.values import to_ms
from storage.database import open_database
from tests.support.deadlines import until
from tests.support.events import NOON
from tests.support.sinks import SwiftClock


@pytest.fixture
async def engine(migrated_database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = open_database(migrated_database_url)
    try:
        yield engine
    finally:
        await engine.dispose()


async def put(engine: AsyncEngine, timeframe: str, candle_at: int | None) -> None:
    stamp = NOON.replace(tzinfo=None)
    values = {
        "exchange": "sim",
        "symbol": "BTCUSDT",
        "market_type": "spot",
        "timeframe": timeframe,
        "input_limit": 1_999,
        "support_levels": [],
        "resistance_levels": [],
        "last_price": 1.0,
        "created_at": stamp,
        "updated_at": stamp,
        "candle_at": candle_at,
    }
    async with engine.begin() as connection:
        await connection.execute(insert(analysis_results).values(values))


def markets(timeframe: str, state: str) -> float | None:
    samples = next(iter(MARKETS.collect())).samples
    found = (one.value for one in samples if one.labels == {"timeframe": timeframe, "state": state})
    return next(found, None)


async def test_measure_freshness_separates_minute_from_month(engine: AsyncEngine) -> None:
    await put(engine, "1m", to_ms(NOON) - 600_000)
    await put(engine, "1M", to_ms(datetime.fromisoformat("2025-10-01T00:00Z")))
    await put(engine, "1h", None)
    await measure_freshness(engine, NOON)
    assert [markets("1m", state) for state in ("fresh", "stale")] == [0, 1]
    assert [markets("1M", state) for state in ("fresh", "stale")] == [1, 0]
    assert markets("1h", "fresh") is None


async def test_follow_freshness_continues_after_an_error(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: list[datetime] = []

    async def odd(_: AsyncEngine, now: datetime) -> None:
        measured.append(now)
        raise ArithmeticError("an unexpected row")

    monkeypatch.setattr(freshness, "measure_freshness", odd)
    clock = SwiftClock()
    following = asyncio.create_task(follow_freshness(engine, clock, 60.0))
    try:
        await until(lambda: len(measured) > 1)
    finally:
        following.cancel()
        await asyncio.wait({following})
    assert following.cancelled()
    assert clock.slept[0] == INTERVAL
