"""Jobs of requests that no analyzer answers end as failed, on the topic and in the table, on every database."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from broker.memory.broker import MemoryBroker
from broker.ports import Edge, Lag, Partition
from consumers.sink import job_expiry
from consumers.sink.job_expiry import CONTENT_LOST_AFTER, EXPIRY_GRACE, INTERVAL, JobExpiry
from runtime.tasks import cancel_and_wait
from schemas.events import AnalysisFailed
from schemas.tables import analysis_jobs
from schemas.topics import FAILURES, REQUESTS, RESULTS, TOPICS
from tests.support.deadlines import until
from tests.support.events import NOON, make_completed, make_failed, make_market, make_request
from tests.support.sinks import SinkBench, upgraded

LONG_PAST = timedelta(days=3)


class ExpiryBench(SinkBench):
    """A sink on in-process topics, and its job expiry."""

    topics: MemoryBroker
    expiry: JobExpiry
    behind: set[Partition]

    async def open(self) -> None:
        self.topics = MemoryBroker(self.clock)
        await self.topics.create_topics(TOPICS, partitions=1, replication=1)
        self.topics.lag = self.lag  # type: ignore[method-assign]
        self.expiry = JobExpiry(self.engine, self.topics, self.clock)
        self.behind: set[Partition] = set()

    async def lag(self, groups: Mapping[str, Sequence[str]], **_: object) -> Lag:
        """No partition is behind, except those in `behind`."""
        return {
            group: {
                partition: int(partition in self.behind)
                for partition in (Partition(topic, number) for topic in topics for number in range(2))
            }
            for group, topics in groups.items()
        }

    async def expire(self, runs: int = 3) -> int:
        """Run the expiry every minute, as often as it needs to see that all have caught up; return how many ended."""
        ended = 0
        for _ in range(runs):
            ended += await self.expiry.expire()
            self.clock.time += timedelta(seconds=INTERVAL)
        return ended

    async def failures(self) -> list[AnalysisFailed]:
        found = []
        async with self.topics.read([FAILURES.name], Edge.BEGINNING) as reader:
            records = aiter(reader)
            while not await reader.is_caught_up():
                found.append(AnalysisFailed.model_validate_json((await anext(records)).value or b""))
        return found

    async def statuses(self) -> dict[str, str]:
        return {request_id: job["status"] for request_id, job in (await self.jobs()).items()}


@pytest.fixture
async def bench(migrated_database_url: str) -> AsyncIterator[ExpiryBench]:
    async with upgraded(migrated_database_url) as engine:
        bench = ExpiryBench(engine)
        await bench.open()
        yield bench
        await bench.topics.close()


async def queue(bench: ExpiryBench, request_id: str, expires_at: datetime, symbol: str = "BTCUSDT") -> None:
    await bench.take(make_request(make_market(symbol), request_id=request_id, expires_at=expires_at))


async def test_job_expiry_fails_job_long_past_expires_at(bench: ExpiryBench) -> None:
    await queue(bench, "lost", NOON + timedelta(hours=1))
    bench.clock.time = NOON + LONG_PAST
    assert await bench.expire() == 1

    job = (await bench.jobs())["lost"]
    assert (job["status"], job["reason"], job["attempts"]) == ("failed", "expired", 0)
    assert job["ended_at"] == (NOON + LONG_PAST + timedelta(minutes=1)).replace(tzinfo=None)
    assert "send it again" in job["message"]
    (event,) = await bench.failures()
    assert event.market == make_market()
    assert (event.request_ids, event.reason) == (("lost",), "expired")


async def test_job_expiry_publishes_once_and_the_sink_agrees(bench: ExpiryBench) -> None:
    await queue(bench, "lost", NOON + timedelta(hours=1))
    bench.clock.time = NOON + LONG_PAST
    await bench.expire()
    before = await bench.jobs()
    assert await bench.expire() == 0
    (event,) = await bench.failures()
    await bench.take(event)
    assert await bench.jobs() == before


async def test_job_expiry_leaves_jobs_that_may_still_be_answered(bench: ExpiryBench) -> None:
    end = NOON + timedelta(hours=1)
    await queue(bench, "waits", end)
    await queue(bench, "long", NOON + timedelta(days=30))
    bench.clock.time = end + EXPIRY_GRACE - timedelta(minutes=5)
    assert await bench.expire() == 0
    bench.clock.time = end + EXPIRY_GRACE + timedelta(seconds=2)
    assert await bench.expire() == 1
    assert await bench.statuses() == {"waits": "failed", "long": "queued"}


@pytest.mark.parametrize("topic", [REQUESTS.name, RESULTS.name, FAILURES.name])
async def test_job_expiry_waits_until_analyzers_and_sinks_have_caught_up(
    bench: ExpiryBench, topic: str
) -> None:
    """After an outage of hours the request, or its answer, is on its topic still, and not lost."""
    await queue(bench, "waits", NOON + timedelta(hours=1))
    bench.clock.time = NOON + LONG_PAST
    bench.behind = {Partition(topic, 1)}
    assert await bench.expire(10) == 0
    bench.behind = {Partition(topic, 0)}
    assert await bench.expire() == 1
    assert len(await bench.failures()) == 1


async def test_job_expiry_leaves_ended_jobs(bench: ExpiryBench) -> None:
    for request_id in ("done", "failed"):
        await queue(bench, request_id, NOON + timedelta(hours=1))
    await bench.take(make_completed(request_ids=["done"]), make_failed(request_ids=["failed"]))
    before = await bench.jobs()
    bench.clock.time = NOON + LONG_PAST
    assert await bench.expire() == 0
    assert (await bench.jobs(), await bench.failures()) == (before, [])


async def test_late_result_outranks_job_expiry(bench: ExpiryBench) -> None:
    await queue(bench, "late", NOON + timedelta(hours=1))
    bench.clock.time = NOON + LONG_PAST
    await bench.expire()
    await bench.take(make_completed(request_ids=["late"]))
    assert await bench.statuses() == {"late": "completed"}


async def test_job_expiry_names_each_market_and_goes_on_in_chunks(
    bench: ExpiryBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_expiry, "CHUNK_SIZE", 4)
    for number in range(6):
        await queue(bench, f"b{number}", NOON + timedelta(hours=1))
    await queue(bench, "e", NOON + timedelta(hours=1), "ETHUSDT")
    bench.clock.time = NOON + LONG_PAST
    assert [await bench.expire(1) for _ in range(4)] == [0, 4, 3, 0]
    assert set((await bench.statuses()).values()) == {"failed"}
    named = [
        (event.market.symbol if event.market else "", ids)
        for event in await bench.failures()
        for ids in event.request_ids
    ]
    assert sorted(named) == [*(("BTCUSDT", f"b{n}") for n in range(6)), ("ETHUSDT", "e")]


async def test_job_expiry_fails_job_without_content_after_the_topics_retention(bench: ExpiryBench) -> None:
    await queue(bench, "bare", NOON + timedelta(hours=1))
    async with bench.engine.begin() as connection:
        await connection.execute(update(analysis_jobs).values(request=None, market="no market"))
    bench.clock.time = NOON + CONTENT_LOST_AFTER - timedelta(hours=1)
    assert await bench.expire() == 0
    bench.clock.time = NOON + CONTENT_LOST_AFTER + timedelta(hours=1)
    assert await bench.expire() == 1
    assert [event.market for event in await bench.failures()] == [None]


async def test_job_expiry_isolates_a_job_that_the_database_refuses(bench: ExpiryBench) -> None:
    """Its failure is published once; the jobs after it end."""
    await queue(bench, "refused", NOON + timedelta(hours=1))
    await queue(bench, "other", NOON + timedelta(hours=1), "ETHUSDT")
    refusal = (
        "FOR EACH ROW BEGIN IF NEW.request_id = 'refused' THEN SIGNAL SQLSTATE '45000'; END IF; END"
        if bench.engine.dialect.name == "mysql"
        else "WHEN NEW.request_id = 'refused' BEGIN SELECT RAISE(ABORT, 'not this one'); END"
    )
    async with bench.engine.begin() as connection:
        await connection.exec_driver_sql(f"CREATE TRIGGER refuse BEFORE UPDATE ON analysis_jobs {refusal}")
    try:
        bench.clock.time = NOON + LONG_PAST
        assert [await bench.expire(1) for _ in range(4)] == [0, 1, 0, 0]
    finally:
        async with bench.engine.begin() as connection:
            await connection.exec_driver_sql("DROP TRIGGER refuse")
    assert await bench.statuses() == {"refused": "queued", "other": "failed"}
    assert sorted(event.request_ids for event in await bench.failures()) == [("other",), ("refused",)]
    assert await bench.expire() == 1
    assert len(await bench.failures()) == 2


async def test_job_expiry_runs_on_after_an_error(bench: ExpiryBench) -> None:
    errors = [ArithmeticError("an unexpected row"), OSError("gone")]
    runs = []

    async def expire() -> int:
        runs.append(bench.clock.now())
        if errors:
            raise errors.pop(0)
        return 0

    bench.expiry.expire = expire  # type: ignore[method-assign]
    running = asyncio.create_task(bench.expiry.run())
    await until(lambda: len(runs) >= 3)
    await cancel_and_wait(running)
    assert bench.clock.slept[:2] == [INTERVAL, INTERVAL]
