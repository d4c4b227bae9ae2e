"""Loops that start, stop and crash in any order while records come in: nothing is lost, nothing committed too soon."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from broker.consumer.loop import ConsumerLoop
from broker.memory.broker import MemoryBroker
from broker.ports import Message, Partition, RebalanceListener, Record
from schemas.topics import Topic
from tests.support.deadlines import until, within

PARTITIONS = 3
steps = st.lists(
    st.tuples(st.sampled_from(["publish", "start", "stop", "crash", "wait"]), st.integers(0, 7)), max_size=25
)


class Auditor(MemoryBroker):
    """Refuses nothing, but fails the test where a commit says more than was handled."""

    def __init__(self) -> None:
        super().__init__()
        self.handled: dict[Partition, set[int]] = {Partition("t", n): set() for n in range(PARTITIONS)}

    @asynccontextmanager
    async def subscribe(
        self, group: str, topics: Sequence[str], listener: RebalanceListener
    ) -> AsyncIterator[Any]:
        async with super().subscribe(group, topics, listener) as consumer:
            plain = consumer.commit

            async def audited(offsets: Mapping[Partition, int]) -> None:
                for partition, offset in offsets.items():
                    assert self.handled[partition].issuperset(range(offset)), (
                        "committed past an unfinished offset"
                    )
                await plain(offsets)

            consumer.commit = audited  # type: ignore[method-assign]
            yield consumer


class Run:
    def __init__(self, broker: Auditor) -> None:
        self.broker = broker
        self.published = 0
        self._running: list[tuple[asyncio.Task[None], asyncio.Event]] = []

    async def publish(self, number: int) -> None:
        for _ in range(number):
            key = f"market-{self.published % 5}".encode()
            await self.broker.publish(Message("t", key, b""))
            self.published += 1

    async def start(self, number: int) -> None:
        async def handle(batch: Sequence[Record]) -> None:
            for record in batch:
                for _ in range((record.offset * 7 + number) % 4):
                    await asyncio.sleep(0)
            for record in batch:
                self.broker.handled[record.source].add(record.offset)

        loop: ConsumerLoop[Record] = ConsumerLoop(
            self.broker,
            "g",
            ["t"],
            decode=lambda record: record,
            ordering_key=lambda record: record.key,
            handle=handle,
            concurrency=1 + number % 3,
            batch_limit=1 + number % 2,
            window=1 + number,
            commit_interval=0.0,
        )
        stop = asyncio.Event()
        self._running.append((asyncio.create_task(loop.run(stop)), stop))

    async def stop(self, number: int) -> None:
        if self._running:
            task, stop = self._running.pop(number % len(self._running))
            stop.set()
            # A member that stops must not wait for one that already has.
            await within(task)

    async def crash(self, number: int) -> None:
        if self._running:
            task, _ = self._running.pop(number % len(self._running))
            task.cancel()
            await asyncio.wait({task}, timeout=20)
            assert task.cancelled()

    async def wait(self, number: int) -> None:
        for _ in range(number * 3):
            await asyncio.sleep(0)

    async def finish(self) -> None:
        await self.start(3)
        await until(lambda: sum(self.broker.committed("g").values()) == self.published)
        while self._running:
            await self.stop(0)


async def interleaved(run_steps: Sequence[tuple[str, int]]) -> None:
    broker = Auditor()
    await broker.create_topics([Topic("t")], partitions=PARTITIONS, replication=1)
    run = Run(broker)
    for step, number in run_steps:
        await getattr(run, step)(number)
    await run.finish()
    assert sum(map(len, broker.handled.values())) == run.published
    await broker.close()


@settings(max_examples=300, deadline=None)
@given(steps)
def test_loop_finishes_everything_in_every_interleaving(run_steps: list[tuple[str, int]]) -> None:
    asyncio.run(interleaved(run_steps))
