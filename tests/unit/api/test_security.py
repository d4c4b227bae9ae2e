import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from runtime.broker.memory import MemoryBroker
from tests.unit.api.fakes import client_of, dependencies

BODY = {"symbol": "BTCUSDT"}
READS = ("/api/v1/analysis/results", "/api/v1/jobs", "/results", "/health")


@pytest.mark.parametrize("path", ["/analyze", "/api/v1/analysis/trigger"])
@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({}, False),
        ({"X-API-Key": ""}, False),
        ({"X-API-Key": "wrong"}, False),
        ({"X-API-Key": "one,two"}, False),
        ({"Authorization": "Bearer one"}, False),
        ({"X-API-Key": "one"}, True),
        ({"x-api-key": "two"}, True),
    ],
)
async def test_where_keys_are_set_writes_need_one(
    engine: AsyncEngine, broker: MemoryBroker, path: str, headers: dict[str, str], allowed: bool
) -> None:
    async with client_of(dependencies(engine, broker=broker, api_keys="one,two")) as client:
        answer = await client.post(path, json=BODY, headers=headers)
        assert answer.is_success if allowed else answer.status_code == 401
        assert [(await client.get(read)).status_code for read in READS] == [200] * len(READS)


async def test_the_service_variant_has_three_paths_and_no_keys(
    engine: AsyncEngine, broker: MemoryBroker
) -> None:
    deps = dependencies(engine, broker=broker, api_keys="one")
    async with client_of(deps, service_only=True) as client:
        assert (await client.post("/analyze", json=BODY)).status_code == 200
        assert (await client.get("/results")).status_code == 200
        assert (await client.get("/health")).json()["status"] == "ok"
        for path in (
            "/",
            "/api/v1/analysis/results",
            "/api/v1/jobs",
            "/api/v1/stream",
            "/api/v1/klines",
            "/openapi.json",
        ):
            assert (await client.get(path)).status_code == 404
