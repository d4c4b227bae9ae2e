"""Pruning deletes old rows chunk by chunk; queued jobs and the latest line of each market stay."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from consumers.sink.pruning import BUSY_INTERVAL, IDLE_INTERVAL, Pruner
from schemas.tables import analysis_history, watch_fires, watches
from storage.database import open_database
from tests.support.events import (
    CANDLE,
    HOUR_MS,
    NOON,
    make_completed,
    make_failed,
    make_fired,
    make_market,
    make_request,
)
from tests.support.sinks import SinkBench, table, upgraded
from tests.support.watchers import a_row


@pytest.fixture
async def bench(migrated_database_url: str) -> AsyncIterator[SinkBench]:
    async with upgraded(migrated_database_url) as engine:
        yield SinkBench(engine)


def pruner_of(bench: SinkBench, chunk_size: int = 1_000, *, engine: AsyncEngine | None = None) -> Pruner:
    return Pruner(engine or bench.engine, bench.clock, history_days=2, jobs_days=1, chunk_size=chunk_size)


async def publish_results(bench: SinkBench, count: int, *, days_ago: float) -> None:
    at = NOON - timedelta(days=days_ago)
    now, bench.clock.time = bench.clock.time, at
    markets = [make_market(f"N{n}USDT") for n in range(count)]
    await bench.take(
        *(
            make_completed(market, analyzed_at=at, request_ids=[f"{market.symbol}:{days_ago}"])
            for market in markets
        )
    )
    bench.clock.time = now


async def publish_newer(bench: SinkBench, count: int) -> None:
    """Publish newer results of the same markets today."""
    await publish_results(bench, count, days_ago=0)


async def count_left(bench: SinkBench) -> tuple[int, int]:
    """Return the number of lines of history and of jobs."""
    return len(await table(bench.engine, analysis_history)), len(await bench.jobs())


async def test_pruner_keeps_rows_younger_than_their_age(bench: SinkBench) -> None:
    for days_ago in (0.9, 1.1, 1.9, 2.1, 50):
        await publish_results(bench, 1, days_ago=days_ago)
    await pruner_of(bench).prune_if_due()
    assert await count_left(bench) == (3, 1)
    assert len(await bench.rows()) == 1


async def test_pruner_keeps_latest_line_of_each_market(bench: SinkBench) -> None:
    old = NOON - timedelta(days=50)
    bench.clock.time = old
    await bench.take(
        make_completed(request_ids=["first"], analyzed_at=old),
        make_completed(request_ids=["newest"], candle_at=CANDLE + HOUR_MS, analyzed_at=old),
        make_completed(request_ids=["late"], analyzed_at=old + timedelta(days=1)),
        make_completed(make_market("IDLEUSDT"), request_ids=["idle"], analyzed_at=old),
    )
    bench.clock.time = NOON
    await pruner_of(bench).prune_if_due()
    assert {line["request_id"] for line in await table(bench.engine, analysis_history)} == {"newest", "idle"}


async def test_pruner_deletes_ended_jobs_only(bench: SinkBench) -> None:
    old = NOON - timedelta(days=9)
    await bench.take(
        make_request(request_id="waits"),
        make_failed(request_ids=["failed"], failed_at=old),
        make_failed(request_ids=["young"]),
    )
    bench.clock.time += timedelta(days=0.5)
    await pruner_of(bench).prune_if_due()
    assert set(await bench.jobs()) == {"waits", "young"}
    bench.clock.time += timedelta(days=100)
    await pruner_of(bench).prune_if_due()
    assert set(await bench.jobs()) == {"waits"}


async def test_pruner_deletes_one_chunk_a_run_and_waits_longer_when_idle(bench: SinkBench) -> None:
    await publish_results(bench, 7, days_ago=3)
    await publish_newer(bench, 7)
    prune = pruner_of(bench, chunk_size=3)
    counts = []
    for pause in (0.0, BUSY_INTERVAL / 2, BUSY_INTERVAL / 2, BUSY_INTERVAL, BUSY_INTERVAL):
        bench.clock.time += timedelta(seconds=pause)
        await prune.prune_if_due()
        counts.append(await count_left(bench))
    assert counts == [(11, 11), (11, 11), (8, 8), (7, 7), (7, 7)]
    await publish_results(bench, 2, days_ago=3.5)
    await prune.prune_if_due()
    assert await count_left(bench) == (9, 9)
    bench.clock.time += timedelta(seconds=IDLE_INTERVAL)
    await prune.prune_if_due()
    assert await count_left(bench) == (7, 7)


async def test_pruners_run_concurrently(bench: SinkBench) -> None:
    await publish_results(bench, 40, days_ago=3)
    await publish_newer(bench, 40)
    sinks = [pruner_of(bench, chunk_size=10) for _ in range(3)]
    for _ in range(4):
        await asyncio.gather(*(sink.prune_if_due() for sink in sinks))
        bench.clock.time += timedelta(seconds=IDLE_INTERVAL)
    assert await count_left(bench) == (40, 40)


async def test_pruner_ignores_database_errors(bench: SinkBench, migrated_database_url: str) -> None:
    """Here there are no tables; the sink itself reports that when it writes."""
    engine = open_database(migrated_database_url.replace("strandline", "nowhere"))
    try:
        await pruner_of(bench, engine=engine).prune_if_due()
    finally:
        await engine.dispose()


async def test_pruner_deletes_old_fires_and_deleted_watches(bench: SinkBench) -> None:
    def naive(days_ago: float) -> datetime:
        return (NOON - timedelta(days=days_ago)).replace(tzinfo=None)

    async with bench.engine.begin() as connection:
        for name, deleted_at in (("here", None), ("just gone", naive(0.5)), ("gone", naive(1.5))):
            await connection.execute(insert(watches).values(**a_row(name, deleted_at=deleted_at)))
    for arm, days_ago in ((1, 3.0), (2, 1.0)):
        bench.clock.time = NOON - timedelta(days=days_ago)
        await bench.take(make_fired("here", arm))
    bench.clock.time = NOON

    await pruner_of(bench).prune_if_due()

    assert [row["id"] for row in await table(bench.engine, watches)] == ["here", "just gone"]
    assert [row["arm"] for row in await table(bench.engine, watch_fires)] == [2]
