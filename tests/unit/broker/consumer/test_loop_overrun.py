"""A loop whose handler does not end says so; one that merely waits for an outage, or for its deadline, does not."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from broker.consumer.loop import ConsumerLoop
from broker.memory.broker import MemoryBroker
from broker.outages import Outages
from broker.ports import Record
from runtime.clock import SystemClock
from schemas.topics import DEAD_LETTERS, Topic
from tests.support.brokers import fill
from tests.support.deadlines import until, within


class ShiftedClock(SystemClock):
    """Real time, and as much more as a test says."""

    shift = 0.0

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self.shift)

    def monotonic(self) -> float:
        return super().monotonic() + self.shift


class Handling:
    """A handler that waits for `gate`; its records' deadline is `patience` seconds from the start of the test."""

    def __init__(self, patience: float | None = None) -> None:
        self.clock = ShiftedClock()
        self.outages = Outages(self.clock)
        self.gate = asyncio.Event()
        self.deadline = None if patience is None else self.clock.now() + timedelta(seconds=patience)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[ConsumerLoop[Record]]:
        broker = MemoryBroker()
        await broker.create_topics([Topic("t"), DEAD_LETTERS], partitions=1, replication=1)
        await fill(broker, "t", 3)
        loop = ConsumerLoop[Record](
            broker,
            "g",
            ["t"],
            decode=lambda record: record,
            ordering_key=lambda record: record.offset,
            handle=self._handle,
            deadline=lambda _: self.deadline,
            clock=self.clock,
            outages=self.outages,
        )
        stop = asyncio.Event()
        task = asyncio.create_task(loop.run(stop))
        try:
            await until(lambda: loop.state.running == 1)
            yield loop
        finally:
            self.gate.set()
            stop.set()
            await within(task)

    async def _handle(self, _: Sequence[Record]) -> None:
        await self.gate.wait()

    def overrun(self, loop: ConsumerLoop[Record]) -> float | None:
        """To the nearest hundred seconds."""
        return None if loop.state.overrun is None else round(loop.state.overrun.seconds, -2)


async def test_overrun_counts_from_the_start_without_a_deadline() -> None:
    handling = Handling()
    async with handling.running() as loop:
        handling.clock.shift = 500.0
        assert handling.overrun(loop) == 500.0
        assert loop.state.overrun is not None
        assert loop.state.overrun.position == "t/0@0"
        handling.gate.set()
        await until(lambda: sum(loop.state.committed.values()) == 3)
        assert loop.state.overrun is None


async def test_overrun_counts_from_the_deadline() -> None:
    handling = Handling(patience=3_600)
    async with handling.running() as loop:
        handling.clock.shift = 3_500.0
        assert handling.overrun(loop) is None
        handling.clock.shift = 4_000.0
        assert handling.overrun(loop) == 400.0


async def test_overrun_does_not_count_outages() -> None:
    handling = Handling()
    async with handling.running() as loop:
        with handling.outages.waiting():
            handling.clock.shift = 10_000.0
            assert (loop.state.overrun or (0.0,))[0] < 100.0
        handling.clock.shift = 10_200.0
        assert handling.overrun(loop) == 200.0
