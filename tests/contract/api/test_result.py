"""One result, jobs, health, and the API while Kafka is away."""

import asyncio

import pytest
from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.contract.api.test_results import RESULTS, ROW, ago
from tests.unit.api.fakes import NOW, AwayBroker, client_of, dependencies, put_job, put_result
from tests.unit.api.results.test_views import LEVEL


async def test_result_has_its_levels(client: AsyncClient, engine: AsyncEngine) -> None:
    result_id = await put_result(
        engine,
        "BTCUSDT",
        levels=[LEVEL],
        candle_at=1_795_345_200_000,
        analyzed_at=NOW.replace(tzinfo=None, microsecond=512_000),
        request_id="my-7",
        algorithm="strandline/1",
    )
    body = (await client.get(f"/api/v1/analysis/{result_id}")).json()
    assert set(body) == {"data"}
    row = body["data"]
    assert set(row) == ROW | {"levels"}
    assert (row["candle_at"], row["analyzed_at"]) == ("2026-11-22T11:00:00Z", "2026-11-22T12:30:00.512000Z")
    assert row["levels"][0]["price"] == 64000.5
    assert row["levels"][0]["confirmed_at"] == "2026-11-02T00:00:00Z"


async def test_result_of_another_backend_has_no_levels(client: AsyncClient, engine: AsyncEngine) -> None:
    result_id = await put_result(engine, "BTCUSDT")
    row = (await client.get(f"/api/v1/analysis/{result_id}")).json()["data"]
    assert [row[name] for name in ("levels", "candle_at", "analyzed_at", "algorithm")] == [None] * 4


@pytest.mark.parametrize("result_id", [99, 0, -1, 2**63 - 1, 2**63, 2**64, 10**30])
async def test_unknown_result_is_a_404(client: AsyncClient, result_id: int) -> None:
    answer = await client.get(f"/api/v1/analysis/{result_id}")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert str(result_id) in answer.json()["error"]


@pytest.mark.parametrize("result_id", ["x", "1 OR 1=1", "1.5", "%27"])
async def test_result_id_that_is_not_a_number_is_a_422(client: AsyncClient, result_id: str) -> None:
    assert (await client.get(f"/api/v1/analysis/{result_id}")).status_code == 422


async def test_job_shows_its_stored_state(client: AsyncClient, engine: AsyncEngine) -> None:
    await put_job(engine, "kafka:strandline.requests.v1:3:42")
    await put_job(
        engine,
        "my-7",
        status="failed",
        reason="unknown_symbol",
        message="交易对不存在",
        ended_at=NOW.replace(tzinfo=None, microsecond=512_000),
    )
    queued = await client.get("/api/v1/jobs/kafka:strandline.requests.v1:3:42")
    assert queued.json() == {
        "request_id": "kafka:strandline.requests.v1:3:42",
        "status": "queued",
        "reason": None,
        "message": None,
        "market": "binance:spot:BTCUSDT:1h",
        "queued_at": "2026-11-22T12:30:00Z",
        "ended_at": None,
        "result_id": None,
    }
    failed = (await client.get("/api/v1/jobs/my-7")).json()
    assert (failed["status"], failed["reason"], failed["message"]) == (
        "failed",
        "unknown_symbol",
        "交易对不存在",
    )
    assert failed["ended_at"] == "2026-11-22T12:30:00.512000Z"


@pytest.mark.parametrize(
    ("request_id", "status"), [("MY-7", 404), ("none", 404), ("ü", 422), ("x" * 129, 422)]
)
async def test_unknown_job_is_a_404(
    client: AsyncClient, engine: AsyncEngine, request_id: str, status: int
) -> None:
    await put_job(engine, "my-7")
    answer = await client.get(f"/api/v1/jobs/{request_id}")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


async def test_jobs_are_newest_first_filtered_and_limited(client: AsyncClient, engine: AsyncEngine) -> None:
    await put_job(engine, "a", queued_at=ago(3))
    await put_job(engine, "b", queued_at=ago(1), status="completed", market="binance:spot:ETHUSDT:1h")
    await put_job(engine, "c", queued_at=ago(2), status="failed", market=None)
    await put_job(engine, "d", queued_at=None, status="completed", ended_at=ago(0))

    async def ids(**query: object) -> list[str]:
        answer = await client.get("/api/v1/jobs", params=query)
        assert answer.status_code == 200, answer.text
        return [job["request_id"] for job in answer.json()["data"]]

    assert await ids() == ["b", "c", "a", "d"]
    assert await ids(status="completed") == ["b", "d"]
    assert await ids(status="", market="") == ["b", "c", "a", "d"]
    assert await ids(market="binance:spot:ETHUSDT:1h") == ["b"]
    assert await ids(market="币' OR 1=1") == []
    assert await ids(limit=2) == ["b", "c"]
    assert len(await ids(limit=10**30)) == 4
    assert (await client.get("/api/v1/jobs", params={"status": "gone"})).status_code == 422


async def test_health_reports_database_and_broker(client: AsyncClient) -> None:
    assert (await client.get("/health")).json() == {
        "status": "ok",
        "version": "0.1.0",
        "database": True,
        "broker": True,
        "watches_blind": 0,
    }


async def test_api_reads_and_refuses_writes_while_kafka_is_away(engine: AsyncEngine) -> None:
    await put_result(engine, "BTCUSDT")
    deps = dependencies(engine, broker=AwayBroker(hangs=True), publish_timeout=0.05)
    async with client_of(deps) as client, asyncio.timeout(10):
        for path in (RESULTS, "/api/v1/analysis/1", "/results", "/api/v1/jobs", "/health", "/"):
            assert (await client.get(path)).status_code == 200
        for path in ("/analyze", "/api/v1/analysis/trigger?wait=5"):
            answer = await client.post(path, json={"symbol": "BTCUSDT", "request_id": "my-7"})
            assert (answer.status_code, answer.json()["request_id"]) == (503, "my-7")
            assert int(answer.headers["retry-after"]) > 0


async def test_request_id_of_another_market_is_refused_before_its_job_is_stored(client: AsyncClient) -> None:
    path, request = "/api/v1/analysis/trigger", {"symbol": "BTCUSDT", "request_id": "my-8"}
    assert (await client.post(path, json=request)).status_code == 202
    assert (await client.post(path, json=request)).status_code == 202
    refused = await client.post(path, json=request | {"symbol": "ETHUSDT"})
    assert (refused.status_code, refused.json()["request_id"]) == (409, "my-8")
    assert "binance:spot:BTCUSDT:1h" in refused.json()["detail"]


async def test_request_id_of_another_market_is_refused(client: AsyncClient, engine: AsyncEngine) -> None:
    await put_job(engine, "my-7", market="binance:spot:ETHUSDT:1h")
    for path in ("/analyze", "/api/v1/analysis/trigger"):
        answer = await client.post(path, json={"symbol": "BTCUSDT", "request_id": "my-7"})
        assert (answer.status_code, answer.json()["request_id"]) == (409, "my-7")
        assert "binance:spot:ETHUSDT:1h" in answer.json()["detail"]
        again = await client.post(path, json={"symbol": "ETH/USDT", "request_id": "my-7"})
        assert again.status_code in {200, 202}
