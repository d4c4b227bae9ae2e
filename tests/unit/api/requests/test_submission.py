"""Requests over HTTP: accepted, refused, and not acknowledged by the broker."""

import asyncio
import json
import uuid
from dataclasses import replace
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from broker.memory.broker import MemoryBroker
from broker.ports import DeliveryUnknown, Edge, MessageTooLarge, Record
from producers.requests.publisher import RequestPublisher
from runtime.errors import Transient
from schemas.topics import REQUESTS
from tests.unit.api.fakes import AwayBroker, JumpingClock, client_of, dependencies

WRITES = ("/analyze", "/api/v1/analysis/trigger")
AS_CALLERS_SEND_IT = {
    "exchange": "binance",
    "symbol": "BTCUSDT",
    "market_type": "spot",
    "timeframe": "1h",
    "limit": 100,
}


async def read_published(broker: MemoryBroker, count: int) -> list[Record]:
    records: list[Record] = []
    async with asyncio.timeout(5), broker.read([REQUESTS.name], Edge.BEGINNING) as reader:
        async for record in reader:
            records.append(record)
            if len(records) == count:
                break
    return records


async def test_analyze_accepts_the_body_of_existing_callers(
    client: AsyncClient, broker: MemoryBroker
) -> None:
    answer = await client.post("/analyze", json=AS_CALLERS_SEND_IT)
    assert answer.status_code == 200
    body = answer.json()
    assert uuid.UUID(body.pop("request_id"))
    assert body == {
        "status": "accepted",
        "message": "分析任务已提交: BTCUSDT",
        "symbol": "BTCUSDT",
        "timeframe": "1h",
    }
    (record,) = await read_published(broker, 1)
    assert record.key == b"binance:spot:BTCUSDT:1h"
    assert json.loads(record.value or b"")["limit"] == 2000


async def test_trigger_publishes_under_the_id_of_the_caller(
    client: AsyncClient, broker: MemoryBroker
) -> None:
    body = {"symbol": "eth-usdt", "market_type": "FUTURE", "timeframe": "4h", "request_id": "my:7", "odd": 1}
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    answer = await client.post("/api/v1/analysis/trigger", json=body, headers={"traceparent": trace})
    assert (answer.status_code, answer.json()) == (202, {"request_id": "my:7", "status": "queued"})
    (record,) = await read_published(broker, 1)
    sent = json.loads(record.value or b"")
    assert (sent["symbol"], sent["market_type"], sent["exchange"]) == ("ETHUSDT", "future", "binance")
    assert dict(record.headers)["traceparent"].split(b"-")[1] == trace.split("-")[1].encode()


@pytest.mark.parametrize("path", WRITES)
@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, "symbol"),
        ({"symbol": ""}, "symbol"),
        ({"symbol": None}, "symbol"),
        ({"symbol": 7}, "symbol"),
        ({"symbol": "'; DROP TABLE analysis_results; --"}, "symbol"),
        ({"symbol": "<script>"}, "symbol"),
        ({"symbol": "B" * 65}, "symbol"),
        ({"symbol": "B" * 1000}, "symbol"),
        ({"symbol": "BTC/USDT:USDT", "market_type": "spot"}, "market_type"),
        ({"symbol": "BTCUSDT", "market_type": "option"}, "market_type"),
        ({"symbol": "BTCUSDT", "exchange": "kraken"}, "exchange"),
        ({"symbol": "BTCUSDT", "exchange": "__class__"}, "exchange"),
        ({"symbol": "BTCUSDT", "timeframe": "7h"}, "timeframe"),
        ({"symbol": "BTCUSDT", "limit": 0}, "limit"),
        ({"symbol": "BTCUSDT", "limit": -1}, "limit"),
        ({"symbol": "BTCUSDT", "limit": 10**9}, "limit"),
        ({"symbol": "BTCUSDT", "limit": "many"}, "limit"),
        ({"symbol": "BTCUSDT", "limit": True}, "limit"),
        ({"symbol": "BTCUSDT", "request_id": "a b"}, "request_id"),
        ({"symbol": "BTCUSDT", "request_id": "x" * 129}, "request_id"),
        ({"symbol": "BTCUSDT", "expires_at": "soon"}, "expires_at"),
        ({"symbol": "BTCUSDT", "expires_at": "2026-11-22T13:00:00"}, "expires_at"),
        ({"symbol": "BTCUSDT", "params": []}, "params"),
        ({"symbol": "BTCUSDT", "params": {"nothing_known": 1}}, "nothing_known"),
        ({"symbol": "BTCUSDT", "params": {"tolerance": "wide"}}, "tolerance"),
        ([], "JSON object"),
        ("BTCUSDT", "JSON object"),
    ],
)
async def test_request_with_an_invalid_field_returns_a_problem_that_names_it(
    client: AsyncClient, path: str, body: Any, named: str
) -> None:
    answer = await client.post(path, json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    problem = answer.json()
    assert named in problem["detail"]
    assert problem["error"] == problem["detail"]
    assert (problem["status"], problem["title"]) == (422, "Unprocessable Content")


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{", "application/json", 422),
        (b"", "application/json", 422),
        (b"null", "application/json", 422),
        (b'{"symbol": "\\ud800"}', "application/json", 422),
        (b'{"symbol": "BTCUSDT", "params": {"\\ud800": 1}}', "application/json", 422),
        (b'{"symbol": "BTCUSDT", "limit": NaN}', "application/json", 422),
        (b'{"symbol": "\xc3\x28"}', "application/json", 422),
        (b"[" * 60_000, "application/json", 422),
        (b'{"symbol": "BTCUSDT"}', "text/plain", 422),
        (b"symbol=BTCUSDT", "application/x-www-form-urlencoded", 422),
        (b'{"symbol": "' + b"B" * 300_000 + b'"}', "application/json", 413),
    ],
)
async def test_request_with_an_invalid_body_returns_a_problem(
    client: AsyncClient, content: bytes, kind: str, status: int
) -> None:
    answer = await client.post("/analyze", content=content, headers={"content-type": kind})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["detail"] == answer.json()["error"]


async def test_body_limit_applies_to_bodies_of_undeclared_size(client: AsyncClient) -> None:
    async def endless() -> Any:
        while True:
            yield b" " * 10_000

    answer = await client.post("/analyze", content=endless(), headers={"content-type": "application/json"})
    assert answer.status_code == 413


@pytest.mark.parametrize("path", WRITES)
@pytest.mark.parametrize(
    ("broker", "retry_after"),
    [
        (AwayBroker(), "5"),
        (AwayBroker(hangs=True), "5"),
        (AwayBroker(error=DeliveryUnknown("no acknowledgement")), "5"),
        (AwayBroker(error=Transient("not now", retry_after=9)), "9"),
    ],
)
async def test_request_returns_503_with_its_id_while_the_broker_is_away(
    engine: AsyncEngine, broker: AwayBroker, path: str, retry_after: str
) -> None:
    async with client_of(dependencies(engine, broker=broker, publish_timeout=0.05)) as client:
        answer = await client.post(path, json={"symbol": "BTCUSDT", "request_id": "my-7"})
        assert (answer.status_code, answer.headers["retry-after"]) == (503, retry_after)
        assert answer.json()["request_id"] == "my-7"
        assert "safe" in answer.json()["detail"]
        unnamed = await client.post(path, json={"symbol": "BTCUSDT"})
        assert uuid.UUID(unnamed.json()["request_id"])
        assert (await client.get("/api/v1/analysis/results")).status_code == 200
        assert (await client.get("/health")).json()["broker"] is False


async def test_request_too_large_for_the_broker_returns_413(engine: AsyncEngine) -> None:
    broker = AwayBroker(error=MessageTooLarge("1 MB at most"))
    async with client_of(dependencies(engine, broker=broker)) as client:
        assert (await client.post("/analyze", json={"symbol": "BTCUSDT"})).status_code == 413


async def test_request_returns_503_when_the_journal_fails(engine: AsyncEngine, broker: MemoryBroker) -> None:
    class Broken:
        async def record(self, request: object) -> None:
            raise TimeoutError

    journalled = RequestPublisher(broker, source="test", clock=JumpingClock(), journal=Broken())
    deps = replace(dependencies(engine, broker=broker), publisher=journalled)
    async with client_of(deps) as client:
        answer = await client.post("/analyze", json={"symbol": "BTCUSDT", "request_id": "my-7"})
    assert (answer.status_code, answer.json()["request_id"]) == (503, "my-7")


async def test_request_log_has_the_request_id_and_market(engine: AsyncEngine) -> None:
    with capture_logs(processors=[merge_contextvars]) as lines:
        async with client_of(dependencies(engine, broker=AwayBroker())) as client:
            await client.post("/analyze", json=AS_CALLERS_SEND_IT | {"request_id": "my-7"})
    (line,) = [line for line in lines if line["event"] == "request.not_acknowledged"]
    assert (line["request_id"], line["market"]) == ("my-7", "binance:spot:BTCUSDT:1h")
