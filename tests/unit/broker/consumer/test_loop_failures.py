"""The loop when the broker fails: nothing is lost, nothing is given up, and it goes on."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

import pytest

from broker.consumer.loop import ConsumerLoop
from broker.memory.consumer import MemoryConsumer
from broker.memory.log import PartitionLog
from broker.ports import (
    CommitRefused,
    DeliveryUnknown,
    Edge,
    Message,
    MessageTooLarge,
    Partition,
    Record,
    RecordsLost,
)
from broker.publish_retry import publish_until_acknowledged
from runtime.clock import SystemClock
from runtime.errors import Malformed, Transient
from schemas.topics import DEAD_LETTERS, Topic
from tests.support.brokers import fill
from tests.support.deadlines import until, within
from tests.support.flaky import FlakyBroker


class HastyClock:
    """Real time without sleeping; records the requested seconds."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self._real = SystemClock()

    def now(self) -> datetime:
        return self._real.now()

    def monotonic(self) -> float:
        return self._real.monotonic()

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)


@pytest.fixture
async def broker() -> FlakyBroker:
    broker = FlakyBroker()
    await broker.create_topics([Topic("t"), DEAD_LETTERS], partitions=1, replication=1)
    return broker


@asynccontextmanager
async def running(
    broker: FlakyBroker, clock: HastyClock
) -> AsyncIterator[tuple[ConsumerLoop[Record], list[Record]]]:
    handled: list[Record] = []

    def decode(record: Record) -> Record:
        if record.value == b"0":
            raise Malformed("zero")
        return record

    async def handle(batch: Sequence[Record]) -> None:
        handled.extend(batch)

    loop = ConsumerLoop(
        broker,
        "g",
        ["t"],
        decode=decode,
        ordering_key=lambda r: r.key,
        handle=handle,
        batch_limit=10,
        clock=clock,
    )
    stop = asyncio.Event()
    task = asyncio.create_task(loop.run(stop))
    try:
        yield loop, handled
    finally:
        stop.set()
        await within(task)


async def test_loop_retries_a_failed_poll_with_backoff(broker: FlakyBroker) -> None:
    clock = HastyClock()
    broker.polls.extend([Transient("away"), Transient("away"), Transient("busy", retry_after=7.0)])
    await fill(broker, "t", 2, first=1)
    async with running(broker, clock) as (_, handled):
        await until(lambda: len(handled) == 2)
    assert clock.slept[:3] == [0.2, 0.4, 7.8]


async def test_loop_counts_lost_records_and_reads_the_rest(broker: FlakyBroker) -> None:
    broker.polls.append(RecordsLost(Partition("t", 0), 10, "t/0: offsets 0 to 9"))
    await fill(broker, "t", 2, first=1)
    async with running(broker, HastyClock()) as (loop, handled):
        await until(lambda: len(handled) == 2)
        assert loop.state.lost == 1


async def test_loop_reads_a_recreated_topic_from_its_beginning(
    broker: FlakyBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(broker, "t", 3, first=1)
    async with running(broker, HastyClock()) as (loop, handled):
        await until(lambda: sum(loop.state.committed.values()) == 3)
        recreated = PartitionLog(Partition("t", 0), 100)
        recreated.listeners |= broker._topics["t"][0].listeners
        broker._topics["t"] = [recreated]
        monkeypatch.setattr(MemoryConsumer, "_raise_losses", report_a_recreated_topic)
        await fill(broker, "t", 2, first=4)
        await until(lambda: len(handled) == 5)
        await until(lambda: broker.committed("g") == {Partition("t", 0): 2})
    assert [record.offset for record in handled] == [0, 1, 2, 0, 1]
    assert loop.state.lost == 1


def report_a_recreated_topic(consumer: MemoryConsumer) -> None:
    """Raise the loss that Kafka raises; a topic of the in-process broker cannot be created again."""
    for partition, position in consumer._positions.items():
        if position > consumer._log_of(partition).next:
            consumer._positions[partition] = 0
            raise RecordsLost(partition, 0, "the topic was created again")


@pytest.mark.parametrize("error", [Transient("away"), CommitRefused("rebalanced")])
async def test_loop_repeats_a_failed_commit(broker: FlakyBroker, error: Exception) -> None:
    broker.commits.extend([error, error])
    await fill(broker, "t", 2, first=1)
    async with running(broker, HastyClock()) as (loop, _):
        await until(lambda: sum(loop.state.committed.values()) == 2)
    assert broker.commits_tried == 3


async def test_loop_stop_ends_although_the_last_commit_fails(broker: FlakyBroker) -> None:
    await fill(broker, "t", 1, first=1)
    broker.commits.extend([Transient("away")] * 10_000)
    async with running(broker, HastyClock()) as (_, handled):
        await until(lambda: len(handled) == 1)
    assert broker.committed("g") == {}


async def test_loop_finishes_a_dead_letter_only_when_acknowledged(broker: FlakyBroker) -> None:
    await fill(broker, "t", 1)
    broker.publishes.extend([DeliveryUnknown("no word"), Transient("away"), None])
    async with (
        running(broker, HastyClock()) as (loop, _),
        broker.read([DEAD_LETTERS.name], Edge.BEGINNING) as reader,
    ):
        await until(lambda: sum(loop.state.committed.values()) == 1)
        assert not broker.publishes
        assert (await within(anext(aiter(reader)))).value == b"0"


async def test_loop_publishes_a_dead_letter_that_is_too_large_without_its_value(broker: FlakyBroker) -> None:
    await fill(broker, "t", 1)
    broker.publishes.append(MessageTooLarge("1 MB"))
    async with (
        running(broker, HastyClock()) as (loop, _),
        broker.read([DEAD_LETTERS.name], Edge.BEGINNING) as reader,
    ):
        await until(lambda: sum(loop.state.committed.values()) == 1)
        letter = await within(anext(aiter(reader)))
    assert letter.value is None
    assert dict(letter.headers)["strandline_dl_offset"] == b"0"


async def test_publish_until_acknowledged_retries_without_limit(broker: FlakyBroker) -> None:
    clock = HastyClock()
    broker.publishes.extend(
        [Transient("away"), DeliveryUnknown("no word"), Transient("busy", retry_after=5.0)]
    )
    record = await publish_until_acknowledged(broker, Message("t", b"k", b"v"), clock, draw=lambda: 0.5)
    assert record.offset == 0
    assert clock.slept == [0.25, 0.5, 6.0]


async def test_publish_until_acknowledged_raises_what_a_retry_cannot_cure(broker: FlakyBroker) -> None:
    broker.publishes.append(MessageTooLarge("2 MB"))
    with pytest.raises(MessageTooLarge):
        await publish_until_acknowledged(broker, Message("t", b"k", b"v"), HastyClock())


async def test_loop_stops_for_a_bug_in_committing(broker: FlakyBroker) -> None:
    broker.commits.append(ZeroDivisionError("a bug"))
    await fill(broker, "t", 1, first=1)
    with pytest.raises(ZeroDivisionError):
        async with running(broker, HastyClock()) as (loop, _):
            await until(lambda: loop.state.draining)
