"""Watches without a known price: their rows, the pipeline, the health check and the gauge agree on it."""

from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from consumers.sink.freshness import measure_blindness
from runtime.metrics import WATCHES_BLIND
from schemas.records import WatchedPriceRecord
from schemas.tables import watches
from schemas.values import to_ms
from storage.watched_prices import store_watched_prices
from tests.support.watchers import a_row
from tests.unit.api.fakes import NOW

MINUTE = timedelta(minutes=1)
BLIND_AFTER = 60.0


async def put_watch(engine: AsyncEngine, watch_id: str, minutes_old: float, **columns: Any) -> None:
    made = (NOW - minutes_old * MINUTE).replace(tzinfo=None)
    times = {"since": made, "created_at": made, "updated_at": made}
    async with engine.begin() as connection:
        await connection.execute(insert(watches).values(**a_row(watch_id, **times | columns)))


async def put_price(engine: AsyncEngine, symbol: str, minutes_old: float) -> None:
    at = to_ms(NOW - minutes_old * MINUTE)
    row: WatchedPriceRecord = {
        "exchange": "sim",
        "market_type": "spot",
        "symbol": symbol,
        "price": 99.0,
        "traded_at": at,
        "known_at": at,
        "unchecked_from": None,
    }
    async with engine.begin() as connection:
        await store_watched_prices(connection, [row])


async def read_sight(client: AsyncClient) -> dict[str, Any]:
    sight: dict[str, Any] = (await client.get("/api/v1/pipeline")).json()["sight"]
    return sight


async def read_watch(client: AsyncClient, watch_id: str) -> dict[str, Any]:
    watch: dict[str, Any] = (await client.get(f"/api/v1/watches/{watch_id}")).json()["data"]
    return watch


@pytest.fixture
async def blind(engine: AsyncEngine) -> None:
    """One watch that sees, two that do not, one that was made just now, one that is paused."""
    await put_watch(engine, "sees", 30, symbol="BTCUSDT")
    await put_price(engine, "BTCUSDT", 0.5)
    await put_watch(engine, "lost", 30, symbol="ETHUSDT")
    await put_price(engine, "ETHUSDT", 20)  # replaced below
    await put_price(engine, "ETHUSDT", 10)
    await put_watch(engine, "never", 5, symbol="SOLUSDT")
    await put_watch(engine, "new", 0.5, symbol="ADAUSDT")
    await put_watch(engine, "paused", 30, symbol="ETHUSDT", state="paused")


async def test_watch_row_has_time_of_its_price_and_since_when_it_is_blind(
    client: AsyncClient, blind: None
) -> None:
    names = ("last_price", "price_at", "blind", "blind_since")
    rows = {}
    for each in ("sees", "lost", "never", "new", "paused"):
        watch = await read_watch(client, each)
        rows[each] = tuple(watch[name] for name in names)
    assert rows == {
        "sees": (99.0, "2026-11-22T12:29:30Z", False, None),
        "lost": (99.0, "2026-11-22T12:20:00Z", True, "2026-11-22T12:20:00Z"),
        "never": (None, None, True, "2026-11-22T12:25:00Z"),
        "new": (None, None, False, None),
        "paused": (99.0, "2026-11-22T12:20:00Z", False, None),
    }


async def test_pipeline_names_markets_of_blind_watches(client: AsyncClient, blind: None) -> None:
    assert await read_sight(client) == {
        "watches": 4,
        "blind": 2,
        "markets": [
            {"market": "sim:spot:SOLUSDT", "blind": 1, "price_at": None},
            {"market": "sim:spot:ETHUSDT", "blind": 1, "price_at": "2026-11-22T12:20:00Z"},
        ],
    }


async def test_health_and_gauge_count_blind_watches(
    client: AsyncClient, engine: AsyncEngine, blind: None
) -> None:
    assert (await client.get("/health")).json()["watches_blind"] == 2
    await measure_blindness(engine, NOW, BLIND_AFTER)
    assert next(iter(WATCHES_BLIND.collect())).samples[0].value == 2
