"""The sink with concurrent writers, locks, deadlocks, and killed at any step. On every database."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine

from broker.ports import Record
from tests.support.deadlines import until, within
from tests.support.events import (
    CANDLE,
    HOUR_MS,
    NOON,
    make_completed,
    make_failed,
    make_market,
    make_request,
    to_record,
)
from tests.support.sinks import SinkBench, upgraded

MARKETS = [make_market(f"N{n}USDT") for n in range(20)]
SINKS, VERSIONS = 4, 5
TOO_MANY = 2**70
"""Too large for any integer column."""


@pytest.fixture
async def engine(migrated_database_url: str) -> AsyncIterator[AsyncEngine]:
    async with upgraded(migrated_database_url) as engine:
        yield engine


@pytest.fixture
def bench(engine: AsyncEngine) -> SinkBench:
    return SinkBench(engine)


def age_of(which: int, version: int) -> int:
    """Hours by which the version of a sink is newer than CANDLE, in no meaningful order."""
    return (version * 7 + which * 3) % 20


async def write_all_versions(bench: SinkBench, which: int) -> None:
    """Every market in each version, half of the sinks backwards, in batches that overlap those of the others."""
    for version in range(VERSIONS):
        age = age_of(which, version)
        events = [
            make_completed(
                market,
                candle_at=CANDLE + age * HOUR_MS,
                analyzed_at=NOON + timedelta(seconds=which),
                last_price=100.0 * age + which,
                request_ids=[f"{market.symbol}-{which}-{version}"],
            )
            for market in (MARKETS if which % 2 else MARKETS[::-1])
        ]
        await bench.take(*events[:9])
        await bench.take(*events[9:])


async def test_concurrent_sinks_end_with_latest_results(migrated_database_url: str) -> None:
    async with AsyncExitStack() as stack:
        benches = [
            SinkBench(await stack.enter_async_context(upgraded(migrated_database_url, lock_timeout=2)))
            for _ in range(SINKS)
        ]
        await within(asyncio.gather(*(write_all_versions(benches[n], n) for n in range(SINKS))), 60)
        age, which = max((age_of(n, version), n) for n in range(SINKS) for version in range(VERSIONS))
        assert {row["last_price"] for row in await benches[0].rows()} == {100.0 * age + which}
        assert len(await benches[0].jobs()) == len(MARKETS) * SINKS * VERSIONS


async def test_sink_retries_deadlock(migrated_mysql_url: str) -> None:
    async with upgraded(migrated_mysql_url) as engine:
        bench = SinkBench(engine)
        first, last = make_market("AAAUSDT"), make_market("ZZZUSDT")
        others = [make_completed(make_market(f"M{n}USDT"), request_ids=[f"m{n}"]) for n in range(20)]
        await bench.take(make_completed(first, last_price=1.0), make_completed(last, last_price=1.0), *others)
        touch = text("UPDATE analysis_results SET input_limit = input_limit + 1 WHERE symbol LIKE :like")
        async with engine.connect() as rival:
            # It changed more rows than the sink will have, so MySQL rolls the sink back.
            await rival.execute(touch, {"like": "M%"})
            await rival.execute(touch, {"like": "ZZZ%"})
            later: dict[str, Any] = {"candle_at": CANDLE + HOUR_MS, "last_price": 2.0}
            writing = asyncio.create_task(
                bench.take(make_completed(first, **later), make_completed(last, **later))
            )
            await within(wait_for_lock_conflict(engine))
            await rival.execute(touch, {"like": "AAA%"})
            await rival.commit()
        await within(writing)
        assert len(bench.clock.slept) == 1
        prices = {row["symbol"]: row["last_price"] for row in await bench.rows()}
        assert (prices["AAAUSDT"], prices["ZZZUSDT"]) == (2.0, 2.0)


async def wait_for_lock_conflict(engine: AsyncEngine) -> None:
    waiting = text("SELECT COUNT(*) FROM performance_schema.data_lock_waits")
    async with engine.connect() as connection:
        while not await connection.scalar(waiting):
            await connection.commit()


async def test_sink_retries_locked_sqlite_file(migrated_sqlite_url: str) -> None:
    async with upgraded(migrated_sqlite_url, lock_timeout=0.01) as engine:
        bench = SinkBench(engine)
        async with engine.connect() as rival:
            await rival.execution_options(sqlite_begin="IMMEDIATE")
            await rival.execute(text("SELECT 1"))
            writing = asyncio.create_task(bench.take(make_completed()))
            await until(lambda: bool(bench.clock.slept))
            await rival.rollback()
        await within(writing)
        assert len(await bench.rows()) == 1


class Killed(BaseException):
    """Stands for `kill -9`: nothing after it is executed."""


class StepKiller:
    """Counts the steps of a process and kills it before step number `kill_at`."""

    def __init__(self, bench: SinkBench) -> None:
        self.steps = 0
        self.kill_at: int | None = None
        publish = bench.broker.publish

        async def counted(*args: Any, **kwargs: Any) -> Record:
            self.step()
            return await publish(*args, **kwargs)

        bench.broker.publish = counted  # type: ignore[method-assign]
        event.listen(bench.engine.sync_engine, "before_cursor_execute", self.step)
        event.listen(bench.engine.sync_engine, "commit", self.step)

    def step(self, *_args: object) -> None:
        self.steps += 1
        if self.steps == self.kill_at:
            raise Killed


async def test_sink_killed_between_any_two_steps_loses_nothing(bench: SinkBench) -> None:
    """The offsets of an unfinished batch are not committed, so its records are delivered again."""
    killer = StepKiller(bench)
    for kill_at in itertools.count(1):
        market, bad = make_market(f"N{kill_at}USDT"), make_market(f"BAD{kill_at}USDT")
        ids = {name: f"{name}-{kill_at}" for name in ("done", "bad", "failed", "asked")}
        records = [
            to_record(make_request(request_id=ids["asked"])),
            to_record(make_completed(market, request_ids=[ids["done"]])),
            to_record(make_completed(bad, request_ids=[ids["bad"]], input_limit=TOO_MANY)),
            to_record(make_failed(request_ids=[ids["failed"]])),
        ]
        killer.steps, killer.kill_at = 0, kill_at
        was_killed = False
        try:
            await bench.take_records(*records)
        except Killed:
            was_killed = True
        killer.kill_at = None
        written = {row["symbol"] for row in await bench.rows()}
        jobs_written = await bench.jobs()
        assert (market.symbol in written) == (ids["done"] in jobs_written)

        await bench.take_records(*records)
        jobs = await bench.jobs()
        assert {name: jobs[request_id]["status"] for name, request_id in ids.items()} == {
            "done": "completed",
            "bad": "completed",
            "failed": "failed",
            "asked": "queued",
        }
        assert market.symbol in {row["symbol"] for row in await bench.rows()}
        assert any(letter.value == records[2].value for letter in bench.broker.letters)
        if not was_killed:
            break
    assert kill_at > 10
