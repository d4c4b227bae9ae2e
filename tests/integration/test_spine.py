"""A request leads to levels on a topic, in the table and over REST, and all agree."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from confluent_kafka import Producer

from broker.ports import Edge, Message, Record
from schemas.cloudevents import from_headers
from schemas.topics import DEAD_LETTERS, FAILURES, REQUESTS, RESULTS
from tests.support.pipeline import Pipeline, wait_for_job, wait_for_record

EXISTING_CALLERS_SEND = {
    "exchange": "binance",
    "symbol": "BTCUSDT",
    "market_type": "spot",
    "timeframe": "1h",
    "limit": 100,
}


@pytest.fixture
async def client(pipeline: Pipeline) -> AsyncIterator[httpx.AsyncClient]:
    """The client of the API of a whole running pipeline."""
    async with pipeline.sink(), pipeline.analyzer(), pipeline.client() as client:
        yield client


async def publish_without_headers(pipeline: Pipeline, value: bytes) -> None:
    """Publish without key and headers, on Kafka by another client than ours, which knows of no prefix."""
    bootstrap = pipeline.settings.kafka_bootstrap
    if bootstrap is None:
        await pipeline.broker.publish(Message(REQUESTS.name, None, value))
        return
    producer = Producer({"bootstrap.servers": bootstrap})
    producer.produce(pipeline.settings.topic_prefix + REQUESTS.name, value=value)
    assert await asyncio.to_thread(producer.flush, 30.0) == 0


def answers(request_id: str) -> Callable[[Record], bool]:
    return lambda record: request_id in json.loads(record.value or b"{}").get("request_ids", ())


async def test_pipeline_answers_plain_json_request_with_equal_event_row_and_response(
    pipeline: Pipeline, client: httpx.AsyncClient, unique: Callable[[str], str]
) -> None:
    request_id = unique("plain")
    async with pipeline.broker.read([RESULTS.name], Edge.END) as results:
        await publish_without_headers(
            pipeline, json.dumps(EXISTING_CALLERS_SEND | {"request_id": request_id}).encode()
        )
        record = await wait_for_record(aiter(results), answers(request_id))
    event = json.loads(record.value or b"")
    job = await wait_for_job(client, request_id)
    (row,) = await pipeline.rows()
    shown = (await client.get(f"/api/v1/analysis/{row['id']}")).json()["data"]

    attributes = from_headers(record.headers)
    assert attributes is not None
    assert attributes.subject == "binance:spot:BTCUSDT:1h" == (record.key or b"").decode()
    assert event["input_limit"] in (1_999, 2_000)
    assert event["levels"]
    assert (job["status"], job["result_id"]) == ("completed", row["id"])
    for field in ("input_limit", "last_price", "support_levels", "resistance_levels", "algorithm"):
        assert event[field] == row[field] == shown[field]
    assert [level["level_id"] for level in event["levels"]] == [
        level["level_id"] for level in shown["levels"]
    ]
    assert event["candle_at"] == shown["candle_at"]
    assert event["analyzed_at"] == shown["analyzed_at"]


async def test_analyze_endpoint_serves_existing_callers(
    pipeline: Pipeline, client: httpx.AsyncClient
) -> None:
    accepted = (await client.post("/analyze", json=EXISTING_CALLERS_SEND)).json()
    assert accepted["message"] == "分析任务已提交: BTCUSDT"
    assert (await wait_for_job(client, accepted["request_id"]))["status"] == "completed"
    (row,) = (await client.get("/results", params={"symbol": "BTCUSDT", "limit": 10})).json()
    assert row["input_limit"] in (1_999, 2_000)


async def test_trigger_with_wait_returns_the_result(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/analysis/trigger", params={"wait": 30}, json={"symbol": "ETH/USDT"})
    assert answer.status_code == 200
    assert answer.json()["status"] == "completed"
    assert answer.json()["result"]["symbol"] == "ETHUSDT"


BAD: list[tuple[dict[str, Any], str]] = [
    ({"exchange": "nowhere"}, "unknown_exchange"),
    ({"symbol": "NOSUCHUSDT"}, "unknown_symbol"),
    ({"timeframe": "7x"}, "bad_timeframe"),
    ({"limit": 0}, "invalid_request"),
    ({"limit": 10**9}, "invalid_request"),
]


async def test_pipeline_fails_each_bad_request_with_its_reason_and_goes_on(
    pipeline: Pipeline, client: httpx.AsyncClient, unique: Callable[[str], str]
) -> None:
    reasons = {unique(reason): (body, reason) for body, reason in BAD}
    garbage = unique("garbage").encode()
    async with pipeline.broker.read([DEAD_LETTERS.name, FAILURES.name], Edge.END) as refused:
        await publish_without_headers(pipeline, garbage)
        for request_id, (body, _) in reasons.items():
            whole = EXISTING_CALLERS_SEND | body | {"request_id": request_id}
            await publish_without_headers(pipeline, json.dumps(whole).encode())
        letter = await wait_for_record(aiter(refused), lambda record: record.value == garbage)
    good = unique("good")
    await publish_without_headers(pipeline, json.dumps(EXISTING_CALLERS_SEND | {"request_id": good}).encode())

    assert letter.topic == DEAD_LETTERS.name
    assert b"no JSON" in dict(letter.headers)["strandline_dl_error"]
    for request_id, (_, reason) in reasons.items():
        job = await wait_for_job(client, request_id)
        assert (job["status"], job["reason"]) == ("failed", reason)
        assert job["message"]
    assert (await wait_for_job(client, good))["status"] == "completed"


def nest(depth: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(depth):
        value = {"top": value}
    return value


UNSTORABLE = {"deep": nest(150), "large": {"windows": [10**400]}, "bound": {"max_hole": 10**400}}
"""Params that the analyzer refuses, and that no JSON column of MySQL takes."""


async def test_pipeline_fails_requests_with_unstorable_params_without_dead_letters(
    pipeline: Pipeline, client: httpx.AsyncClient, unique: Callable[[str], str]
) -> None:
    """More of them than may be dead-lettered in a row; each ends, and so does a good request after them."""
    bodies = {
        unique(f"{name}-{number}"): EXISTING_CALLERS_SEND | {"params": params}
        for name, params in UNSTORABLE.items()
        for number in range(45)
    }
    good = unique("good")
    async with pipeline.broker.read([DEAD_LETTERS.name], Edge.END) as letters:
        for request_id, body in {**bodies, good: EXISTING_CALLERS_SEND}.items():
            await publish_without_headers(pipeline, json.dumps(body | {"request_id": request_id}).encode())
        assert (await wait_for_job(client, good))["status"] == "completed"
        for request_id in bodies:
            job = await wait_for_job(client, request_id)
            assert (job["status"], job["reason"]) == ("failed", "invalid_request")
        marker = unique("garbage").encode()
        await publish_without_headers(pipeline, marker)
        values: list[bytes | None] = []
        records = aiter(letters)
        while marker not in values:
            values.append((await anext(records)).value)
    assert [
        value for value in values if value and any(request_id.encode() in value for request_id in bodies)
    ] == []


async def test_pipeline_ignores_older_result(
    pipeline: Pipeline, client: httpx.AsyncClient, unique: Callable[[str], str]
) -> None:
    fresh, late = unique("fresh"), unique("late")
    async with pipeline.broker.read([RESULTS.name], Edge.END) as results:
        await publish_without_headers(
            pipeline, json.dumps(EXISTING_CALLERS_SEND | {"request_id": fresh}).encode()
        )
        record = await wait_for_record(aiter(results), answers(fresh))
    await wait_for_job(client, fresh)
    (before,) = await pipeline.rows()
    older = json.loads(record.value or b"") | {
        "request_ids": [late],
        "candle_at": "2026-01-05T10:00:00Z",
        "analyzed_at": "2030-01-01T00:00:00Z",
        "last_price": 1.0,
    }
    await pipeline.broker.publish(
        Message(RESULTS.name, record.key, json.dumps(older).encode(), record.headers)
    )
    assert (await wait_for_job(client, late))["status"] == "completed"
    assert await pipeline.rows() == [before]
