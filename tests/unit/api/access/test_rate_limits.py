"""Rate limits by client, and the headers that report them."""

from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient
from sqlalchemy.ext.asyncio import AsyncEngine

from api.access.quotas import WINDOW
from api.app import create_app
from broker.memory.broker import MemoryBroker
from tests.unit.api.fakes import JumpingClock, client_of, dependencies

PATH = "/api/v1/jobs"
BODY = {"symbol": "BTCUSDT"}


@pytest.fixture
def clock() -> JumpingClock:
    return JumpingClock()


def open_client_from(address: str, deps: Any) -> AsyncClient:
    app = create_app(deps)
    return AsyncClient(transport=ASGITransport(app, client=(address, 1)), base_url="http://api")


async def test_rate_limit_refuses_above_the_quota_until_the_window_ends(
    engine: AsyncEngine, broker: MemoryBroker, clock: JumpingClock
) -> None:
    async with client_of(dependencies(engine, broker=broker, clock=clock, rate_limit=2)) as client:
        first = await client.get(PATH)
        assert first.headers["ratelimit-policy"] == f'"requests";q=2;w={WINDOW}'
        assert first.headers["ratelimit"] == f'"requests";r=1;t={WINDOW}'
        clock.passed += 20
        assert (await client.get(PATH)).headers["ratelimit"] == '"requests";r=0;t=40'
        refused = await client.get(PATH)
        assert refused.status_code == 429
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.headers["retry-after"] == "41"
        assert refused.headers["ratelimit"] == '"requests";r=0;t=40'
        clock.passed += 40
        assert (await client.get(PATH)).status_code == 200


async def test_rate_limit_counts_writes_apart(
    engine: AsyncEngine, broker: MemoryBroker, clock: JumpingClock
) -> None:
    async with client_of(dependencies(engine, broker=broker, clock=clock, rate_limit_writes=1)) as client:
        taken = await client.post("/analyze", json=BODY)
        assert taken.headers["ratelimit"] == f'"requests";r=5999;t={WINDOW}, "writes";r=0;t={WINDOW}'
        assert (await client.post("/api/v1/analysis/trigger", json=BODY)).status_code == 429
        assert (await client.get(PATH)).status_code == 200


async def test_rate_limit_does_not_apply_to_pages_and_health(
    engine: AsyncEngine, broker: MemoryBroker
) -> None:
    async with client_of(dependencies(engine, broker=broker, rate_limit=1)) as client:
        for _ in range(3):
            assert (await client.get("/health")).status_code == 200
            assert (await client.get("/")).status_code == 200


async def test_rate_limit_of_zero_means_unlimited(engine: AsyncEngine, broker: MemoryBroker) -> None:
    settings = {"rate_limit": 0, "rate_limit_writes": 0}
    async with client_of(dependencies(engine, broker=broker, **settings)) as client:
        assert "ratelimit" not in (await client.get(PATH)).headers


async def test_rate_limit_counts_each_address_behind_trusted_proxies(
    engine: AsyncEngine, broker: MemoryBroker
) -> None:
    deps = dependencies(engine, broker=broker, rate_limit=1, trusted_proxies="10.0.0.0/8")
    async with open_client_from("10.0.0.1", deps) as proxy:
        of = [
            {"X-Forwarded-For": address} for address in ("203.0.113.1", "203.0.113.2", "6.6.6.6, 203.0.113.1")
        ]
        assert [(await proxy.get(PATH, headers=one)).status_code for one in of] == [200, 200, 429]
    async with open_client_from("203.0.113.9", deps) as stranger:
        assert [(await stranger.get(PATH, headers=one)).status_code for one in of] == [200, 429, 429]


async def test_rate_limit_counts_each_key(engine: AsyncEngine, broker: MemoryBroker) -> None:
    deps = dependencies(engine, broker=broker, rate_limit=1, rate_limit_key=3, api_keys="one,two")
    async with client_of(deps) as client:
        assert [(await client.get(PATH)).status_code for _ in "12"] == [200, 429]
        keyed = [(await client.get(PATH, headers={"X-API-Key": "one"})).status_code for _ in "1234"]
        assert keyed == [200, 200, 200, 429]
        assert (await client.get(PATH, headers={"X-API-Key": "two"})).status_code == 200
        assert (await client.get(PATH, headers={"X-API-Key": "none"})).status_code == 429


async def test_rate_limit_does_not_apply_to_the_service_variant(
    engine: AsyncEngine, broker: MemoryBroker
) -> None:
    async with client_of(dependencies(engine, broker=broker, rate_limit=1), service_only=True) as client:
        assert [(await client.get("/results")).status_code for _ in "123"] == [200] * 3
