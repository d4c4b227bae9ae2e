"""What is old goes, a portion at a time; what is queued stays, what is young, and the last word on each market."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from consumers.sink.pruning import LATER, SOON, Pruning
from schemas.tables import analysis_history, watch_fires, watches
from storage.database import open_database
from tests.support.events import CANDLE, HOUR_MS, NOON, a_completed, a_failed, a_fired, a_market, a_request
from tests.support.sinks import SinkBench, table, upgraded
from tests.support.watchers import a_row


@pytest.fixture
async def bench(database_url: str) -> AsyncIterator[SinkBench]:
    async with upgraded(database_url) as engine:
        yield SinkBench(engine)


def pruning(bench: SinkBench, portion: int = 1_000, *, engine: AsyncEngine | None = None) -> Pruning:
    return Pruning(engine or bench.engine, bench.clock, history_days=2, jobs_days=1, portion=portion)


async def published(bench: SinkBench, count: int, *, days_ago: float) -> None:
    at = NOON - timedelta(days=days_ago)
    now, bench.clock.time = bench.clock.time, at
    markets = [a_market(f"N{n}USDT") for n in range(count)]
    await bench.take(
        *(
            a_completed(market, analyzed_at=at, request_ids=[f"{market.symbol}:{days_ago}"])
            for market in markets
        )
    )
    bench.clock.time = now


async def overtaken(bench: SinkBench, count: int) -> None:
    """Today there is something newer to say of the same markets."""
    await published(bench, count, days_ago=0)


async def left(bench: SinkBench) -> tuple[int, int]:
    """Lines of history, jobs."""
    return len(await table(bench.engine, analysis_history)), len(await bench.jobs())


async def test_each_table_keeps_what_is_younger_than_its_age(bench: SinkBench) -> None:
    for days_ago in (0.9, 1.1, 1.9, 2.1, 50):
        await published(bench, 1, days_ago=days_ago)
    await pruning(bench).turn()
    assert await left(bench) == (3, 1)
    assert len(await bench.rows()) == 1


async def test_the_last_word_on_a_market_stays_however_old(bench: SinkBench) -> None:
    old = NOON - timedelta(days=50)
    bench.clock.time = old
    await bench.take(
        a_completed(request_ids=["first"], analyzed_at=old),
        a_completed(request_ids=["newest"], candle_at=CANDLE + HOUR_MS, analyzed_at=old),
        a_completed(request_ids=["late"], analyzed_at=old + timedelta(days=1)),
        a_completed(a_market("IDLEUSDT"), request_ids=["idle"], analyzed_at=old),
    )
    bench.clock.time = NOON
    await pruning(bench).turn()
    assert {line["request_id"] for line in await table(bench.engine, analysis_history)} == {"newest", "idle"}


async def test_only_jobs_that_ended_go(bench: SinkBench) -> None:
    old = NOON - timedelta(days=9)
    await bench.take(
        a_request(request_id="waits"),
        a_failed(request_ids=["failed"], failed_at=old),
        a_failed(request_ids=["young"]),
    )
    bench.clock.time += timedelta(days=0.5)
    await pruning(bench).turn()
    assert set(await bench.jobs()) == {"waits", "young"}
    bench.clock.time += timedelta(days=100)
    await pruning(bench).turn()
    assert set(await bench.jobs()) == {"waits"}


async def test_a_portion_at_a_time_the_next_soon_and_a_look_later(bench: SinkBench) -> None:
    await published(bench, 7, days_ago=3)
    await overtaken(bench, 7)
    prune = pruning(bench, portion=3)
    counts = []
    for pause in (0.0, SOON / 2, SOON / 2, SOON, SOON):
        bench.clock.time += timedelta(seconds=pause)
        await prune.turn()
        counts.append(await left(bench))
    assert counts == [(11, 11), (11, 11), (8, 8), (7, 7), (7, 7)]
    await published(bench, 2, days_ago=3.5)
    await prune.turn()
    assert await left(bench) == (9, 9)
    bench.clock.time += timedelta(seconds=LATER)
    await prune.turn()
    assert await left(bench) == (7, 7)


async def test_two_sinks_that_prune_at_once_are_in_nobodys_way(bench: SinkBench) -> None:
    await published(bench, 40, days_ago=3)
    await overtaken(bench, 40)
    sinks = [pruning(bench, portion=10) for _ in range(3)]
    for _ in range(4):
        await asyncio.gather(*(sink.turn() for sink in sinks))
        bench.clock.time += timedelta(seconds=LATER)
    assert await left(bench) == (40, 40)


async def test_trouble_is_left_for_later(bench: SinkBench, database_url: str) -> None:
    """Here: no tables at all. The sink itself says so when it writes."""
    engine = open_database(database_url.replace("strandline", "nowhere"))
    try:
        await pruning(bench, engine=engine).turn()
    finally:
        await engine.dispose()


async def test_old_fires_and_long_deleted_watches_go(bench: SinkBench) -> None:
    def naive(days_ago: float) -> datetime:
        return (NOON - timedelta(days=days_ago)).replace(tzinfo=None)

    async with bench.engine.begin() as connection:
        for name, deleted_at in (("here", None), ("just gone", naive(0.5)), ("gone", naive(1.5))):
            await connection.execute(insert(watches).values(**a_row(name, deleted_at=deleted_at)))
    for arm, days_ago in ((1, 3.0), (2, 1.0)):
        bench.clock.time = NOON - timedelta(days=days_ago)
        await bench.take(a_fired("here", arm))
    bench.clock.time = NOON

    await pruning(bench).turn()

    assert [row["id"] for row in await table(bench.engine, watches)] == ["here", "just gone"]
    assert [row["arm"] for row in await table(bench.engine, watch_fires)] == [2]
