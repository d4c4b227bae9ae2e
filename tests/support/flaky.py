"""An in-process broker with planned failures."""

from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from broker.memory.broker import MemoryBroker
from broker.ports import Message, Partition, RebalanceListener, Record


class FlakyBroker(MemoryBroker):
    """Each call first raises the next error planned for its kind; None lets one call pass."""

    def __init__(self) -> None:
        super().__init__()
        self.publishes: deque[Exception | None] = deque()
        self.polls: deque[Exception | None] = deque()
        self.commits: deque[Exception | None] = deque()
        self.commits_tried = 0

    async def publish(self, message: Message, *, timeout: float | None = None) -> Record:
        _fail(self.publishes)
        return await super().publish(message, timeout=timeout)

    @asynccontextmanager
    async def subscribe(
        self, group: str, topics: Sequence[str], listener: RebalanceListener
    ) -> AsyncIterator[Any]:
        async with super().subscribe(group, topics, listener) as consumer:
            yield _FlakyConsumer(self, consumer)


class _FlakyConsumer:
    def __init__(self, broker: FlakyBroker, consumer: Any) -> None:
        self._broker = broker
        self._consumer = consumer
        self.pause = consumer.pause
        self.resume = consumer.resume
        self.positions = consumer.positions

    async def poll(self, max_records: int, timeout: float) -> Sequence[Record]:
        _fail(self._broker.polls)
        records: Sequence[Record] = await self._consumer.poll(max_records, timeout)
        return records

    async def commit(self, offsets: Mapping[Partition, int]) -> None:
        self._broker.commits_tried += 1
        _fail(self._broker.commits)
        await self._consumer.commit(offsets)


def _fail(planned: deque[Exception | None]) -> None:
    if planned and (error := planned.popleft()) is not None:
        raise error
