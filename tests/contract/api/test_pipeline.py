"""The status of the pipeline: jobs, failures, lag, freshness, and services that are away."""

from datetime import datetime, timedelta
from typing import Any

from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncEngine

from broker.memory.broker import MemoryBroker
from broker.ports import Message, Partition
from schemas.records import FeedRecord
from schemas.topics import GROUP_TOPICS, NOTIFIER_GROUP, OPTIONAL_GROUPS, REQUESTS, WATCH_EVENTS
from schemas.values import to_ms
from storage.database import open_database
from storage.feeds import FORGET_MS, store_feeds
from tests.support.brokers import Watcher, take
from tests.unit.api.fakes import NOW, AwayBroker, client_of, dependencies, put_job, put_result

PIPELINE = "/api/v1/pipeline"


def ago(minutes: float) -> datetime:
    return (NOW - timedelta(minutes=minutes)).replace(tzinfo=None)


async def get_status(client: AsyncClient) -> dict[str, Any]:
    answer = await client.get(PIPELINE)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_pipeline_status_is_empty_at_first(client: AsyncClient) -> None:
    body = await get_status(client)
    assert body.pop("lag") == [
        {"group": group, "topic": topic, "lag": 0, "seconds": 0.0}
        for group, topics in GROUP_TOPICS.items()
        if group not in OPTIONAL_GROUPS
        for topic in sorted(topics)
    ]
    assert body == {
        "window_seconds": 3600,
        "jobs": {"queued": 0, "completed": 0, "failed": 0},
        "failures": [],
        "recent_failures": [],
        "freshness": {"markets": 0, "fresh": 0, "stale": 0, "oldest": []},
        "sight": {"watches": 0, "blind": 0, "markets": []},
        "targets": [],
        "feeds": [],
        "canary": None,
        "broker": True,
        "database": True,
        "at": "2026-11-22T12:30:00Z",
    }


def build_feed(exchange: str, market_type: str, markets: int, closed_until: int) -> FeedRecord:
    return FeedRecord(
        exchange=exchange, market_type=market_type, share="1/1", markets=markets, closed_until=closed_until
    )


async def test_pipeline_status_shows_how_far_each_feed_has_come(
    client: AsyncClient, engine: AsyncEngine
) -> None:
    now = to_ms(NOW)
    rows = [
        build_feed("binance", "spot", 24, now - 30_000),
        build_feed("binance", "future", 2, now - 600_000),
        build_feed("bybit", "spot", 9, now - FORGET_MS - 1),
    ]
    async with engine.begin() as connection:
        await store_feeds(connection, [build_feed("binance", "spot", 1, now - 90_000)])
        await store_feeds(connection, rows[:2])
        await store_feeds(connection, rows[2:])
    feeds = (await get_status(client))["feeds"]
    assert [(one["market_type"], one["markets"], one["age_seconds"]) for one in feeds] == [
        ("future", 2, 600.0),
        ("spot", 24, 30.0),
    ]


async def test_pipeline_status_counts_jobs_of_the_last_hour_by_reason(
    client: AsyncClient, engine: AsyncEngine
) -> None:
    await put_job(engine, "waits", queued_at=ago(600))
    for request_id, minutes in [("done-1", 59), ("done-2", 1), ("yesterday", 1_500)]:
        await put_job(engine, request_id, status="completed", ended_at=ago(minutes))
    for request_id, minutes, reason in [("a", 5, "expired"), ("b", 3, "unknown_symbol"), ("c", 9, "expired")]:
        await put_job(
            engine,
            request_id,
            status="failed",
            ended_at=ago(minutes),
            reason=reason,
            message="a message",
            market=None,
        )
    await put_job(engine, "old", status="failed", ended_at=ago(61), reason="internal")
    body = await get_status(client)
    assert body["jobs"] == {"queued": 1, "completed": 2, "failed": 3}
    assert body["failures"] == [{"reason": "expired", "count": 2}, {"reason": "unknown_symbol", "count": 1}]
    assert [one["request_id"] for one in body["recent_failures"]] == ["b", "a", "c"]
    assert body["recent_failures"][0] == {
        "request_id": "b",
        "market": None,
        "reason": "unknown_symbol",
        "message": "a message",
        "ended_at": "2026-11-22T12:27:00Z",
    }


async def test_pipeline_lag_counts_uncommitted_records(client: AsyncClient, broker: MemoryBroker) -> None:
    for key in (b"1", b"2", b"3"):
        await broker.publish(Message(REQUESTS.name, key, b"{}"))
    lag = {(one["group"], one["topic"]): one["lag"] for one in (await get_status(client))["lag"]}
    assert lag["strandline.analyzer", REQUESTS.name] == 3
    assert lag["strandline.sink", REQUESTS.name] == 3


async def test_pipeline_lag_has_the_age_of_the_oldest_record(
    client: AsyncClient, broker: MemoryBroker
) -> None:
    await broker.publish(Message(REQUESTS.name, None, b"{}"))
    found = {(one["group"], one["topic"]): one["seconds"] for one in (await get_status(client))["lag"]}
    assert found["strandline.analyzer", REQUESTS.name] >= 0.0
    assert found["strandline.sink", WATCH_EVENTS.name] == 0.0


async def test_pipeline_lag_includes_a_notifier_once_it_has_committed(
    client: AsyncClient, engine: AsyncEngine, broker: MemoryBroker
) -> None:
    sent = [await broker.publish(Message(WATCH_EVENTS.name, b"watch", b"{}")) for _ in range(3)]
    assert NOTIFIER_GROUP not in {one["group"] for one in (await get_status(client))["lag"]}
    async with broker.subscribe(NOTIFIER_GROUP, [WATCH_EVENTS.name], Watcher()) as consumer:
        await take(consumer, 3)
        await consumer.commit({Partition(WATCH_EVENTS.name, sent[0].partition): sent[1].offset})
    # Another application, because this one has cached its answer.
    async with client_of(dependencies(engine, broker=broker)) as later:
        lag = {(one["group"], one["topic"]): one["lag"] for one in (await get_status(later))["lag"]}
    assert lag[NOTIFIER_GROUP, WATCH_EVENTS.name] == 2


async def test_pipeline_freshness_allows_one_closed_candle(client: AsyncClient, engine: AsyncEngine) -> None:
    """The time is 12:30: the newest closed candle is that of 11:00 (1h), or of yesterday (1d)."""
    ids = {}
    for symbol, timeframe, candle_at in [
        ("NEWUSDT", "1h", "2026-11-22T11:00Z"),
        ("NEXTUSDT", "1h", "2026-11-22T10:00Z"),
        ("OLDUSDT", "1h", "2026-11-22T09:00Z"),
        ("OLDESTUSDT", "5m", "2026-11-22T09:00Z"),
        ("DAYUSDT", "1d", "2026-11-20T00:00Z"),
    ]:
        at = datetime.fromisoformat(candle_at)
        ids[symbol] = await put_result(
            engine, symbol, timeframe=timeframe, candle_at=to_ms(at), analyzed_at=at.replace(tzinfo=None)
        )
    await put_result(engine, "THEIRSUSDT")
    await put_result(engine, "ODDUSDT", timeframe="7h", candle_at=5)
    await put_result(engine, "FARUSDT", candle_at=2**62)
    freshness = (await get_status(client))["freshness"]
    assert {name: freshness[name] for name in ("markets", "fresh", "stale")} == {
        "markets": 5,
        "fresh": 3,
        "stale": 2,
    }
    assert [(one["id"], one["periods_behind"]) for one in freshness["oldest"]] == [
        (ids["OLDESTUSDT"], 41),
        (ids["OLDUSDT"], 2),
        (ids["NEXTUSDT"], 1),
        (ids["DAYUSDT"], 1),
        (ids["NEWUSDT"], 0),
    ]
    assert freshness["oldest"][1] == {
        "id": ids["OLDUSDT"],
        "market": "binance:spot:OLDUSDT:1h",
        "candle_at": "2026-11-22T09:00:00Z",
        "analyzed_at": "2026-11-22T09:00:00Z",
        "age_seconds": 9_000.0,
        "periods_behind": 2,
    }


async def test_pipeline_status_shows_the_latest_answer_to_the_canary(
    client: AsyncClient, engine: AsyncEngine
) -> None:
    for number, status, queued, ended in [
        (1, "completed", 5, 4.9),
        (2, "completed", 3, 2.5),
        (3, "failed", 2, 1),
    ]:
        request_id = f"canary:{number:012d}"
        await put_job(engine, request_id, status=status, queued_at=ago(queued), ended_at=ago(ended))
    await put_job(engine, "canary-bird", status="completed", queued_at=ago(2), ended_at=ago(1))
    assert (await get_status(client))["canary"] == {
        "answered_at": "2026-11-22T12:27:30Z",
        "age_seconds": 150.0,
        "seconds": 30.0,
    }


async def test_pipeline_status_reports_what_is_away(engine: AsyncEngine, broker: MemoryBroker) -> None:
    async with client_of(dependencies(engine, broker=AwayBroker())) as client:
        body = await get_status(client)
        assert (body["broker"], body["lag"], body["database"]) == (False, None, True)
        assert body["jobs"] == {"queued": 0, "completed": 0, "failed": 0}
    nowhere = open_database("mysql+aiomysql://nobody@127.0.0.1:1/nothing")
    async with client_of(dependencies(nowhere, broker=broker)) as client:
        body = await get_status(client)
        assert (body["broker"], body["database"]) == (True, False)
        assert (body["jobs"], body["freshness"], body["failures"]) == (None, None, [])
