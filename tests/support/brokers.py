"""Both brokers behind one interface for the contract suite, with the few operations that the port lacks."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.structs import TopicPartition

from broker.kafka.broker import KafkaBroker
from broker.memory.broker import MemoryBroker
from broker.ports import Broker, Consumer, Message, Partition, Record
from broker.prefix import PrefixedBroker
from runtime.settings import Settings
from schemas.topics import Topic
from tests.support.deadlines import within

KEPT = 5  # records that a partition of a `forgetful` topic keeps in memory


class House(Protocol):
    """A running broker service; `broker` is one client of it."""

    broker: Broker

    async def topic(self, partitions: int = 1, *, forgetful: bool = False) -> str: ...

    async def lose_before(self, partition: Partition, offset: int) -> None:
        """Remove everything below `offset` of a forgetful topic's partition, as retention does."""
        ...

    def another(self) -> Broker:
        """Open another client of the same service, closed with the house."""
        ...


class MemoryHouse:
    def __init__(self, unique: Callable[[str], str], *, prefixed: bool = False) -> None:
        broker = MemoryBroker()
        self.broker: Broker = PrefixedBroker(broker, "blue.") if prefixed else broker
        self._unique = unique

    async def topic(self, partitions: int = 1, *, forgetful: bool = False) -> str:
        name = self._unique("topic")
        retention = KEPT if forgetful else 100_000
        await self.broker.create_topics(
            [Topic(name, memory_retention=retention)], partitions=partitions, replication=1
        )
        return name

    async def lose_before(self, partition: Partition, offset: int) -> None:
        """Do nothing: retention by count has removed them if the test published KEPT records from `offset` on."""

    def another(self) -> Broker:
        return self.broker

    async def close(self) -> None:
        await self.broker.close()


class KafkaHouse:
    def __init__(self, bootstrap: str, unique: Callable[[str], str]) -> None:
        self._bootstrap = bootstrap
        self._unique = unique
        self._clients: list[KafkaBroker] = []
        self.broker: KafkaBroker = self.another()

    async def topic(self, partitions: int = 1, *, forgetful: bool = False) -> str:
        name = self._unique("topic")
        await self.broker.create_topics([Topic(name)], partitions=partitions, replication=1)
        return name

    async def lose_before(self, partition: Partition, offset: int) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=self._bootstrap)
        try:
            await admin.start()
            await admin.delete_records({TopicPartition(*partition): RecordsToDelete(before_offset=offset)})
        finally:
            await admin.close()

    def another(self) -> KafkaBroker:
        broker = KafkaBroker(kafka_settings(self._bootstrap))
        self._clients.append(broker)
        return broker

    async def close(self) -> None:
        for broker in self._clients:
            await broker.close()


def kafka_settings(bootstrap: str, **more: object) -> Settings:
    """Return settings with the shortest session that Kafka allows, so that rebalances end soon."""
    return Settings.load(kafka_bootstrap=bootstrap, session_timeout=6.0, **more)


class Watcher:
    """A rebalance listener that records its calls; `moved` is set at every change."""

    def __init__(self) -> None:
        self.partitions: frozenset[Partition] = frozenset()
        self.revocations: list[Sequence[Partition]] = []
        self.moved = asyncio.Event()

    async def on_assigned(self, partitions: Sequence[Partition]) -> None:
        self.partitions |= frozenset(partitions)
        self.moved.set()

    async def on_revoked(self, partitions: Sequence[Partition]) -> None:
        self.partitions -= frozenset(partitions)
        self.revocations.append(partitions)
        self.moved.set()


async def take(consumer: Consumer, count: int) -> list[Record]:
    """Poll until `count` records arrived."""
    records: list[Record] = []
    async with asyncio.timeout(20):
        while len(records) < count:
            records += await consumer.poll(count - len(records), 0.5)
    return records


async def fill(broker: Broker, topic: str, count: int, *, key: bytes | None = b"k", first: int = 0) -> None:
    """Publish `count` records whose values are their numbers, from `first`."""
    for number in range(first, first + count):
        await within(broker.publish(Message(topic, key, str(number).encode())))


@asynccontextmanager
async def polling(consumer: Consumer) -> AsyncIterator[list[Record]]:
    """Keep polling in the background, as a member must to take part in rebalances; yields the records."""
    records: list[Record] = []

    async def forever() -> None:
        while True:
            records.extend(await consumer.poll(100, 0.2))

    task = asyncio.create_task(forever())
    try:
        yield records
    finally:
        task.cancel()
        await asyncio.wait({task})
        if not task.cancelled() and (error := task.exception()):
            raise error
