"""The in-process broker on one event loop, for the embedded default and most tests.

It keeps Kafka's guarantees as far as one process can: partitions by key, groups, committed offsets, and an error where
records were lost. With a journal, durable topics and the offsets committed on them outlive the process.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from itertools import count

from broker.memory.consumer import MemoryConsumer
from broker.memory.group import Group
from broker.memory.journal import Journal, StoredPartition
from broker.memory.log import PartitionLog
from broker.memory.reader import MemoryReader
from broker.partitioner import partition_of
from broker.ports import (
    Edge,
    Lag,
    Message,
    MessageTooLarge,
    OldestUncommitted,
    Partition,
    RebalanceListener,
    Record,
    compute_lag,
)
from runtime.clock import Clock, SystemClock
from runtime.errors import Transient
from schemas.topics import Topic

_MAX_MESSAGE_BYTES = 1_048_588  # Kafka's default of max.message.bytes


class MemoryBroker:
    """`rebalance_timeout` (seconds): how long a member that does not poll can delay a rebalance of its group.

    `journal`: keeps the topics that are `Topic.durable`; close it after the broker.
    """

    def __init__(
        self,
        clock: Clock | None = None,
        *,
        rebalance_timeout: float = 30.0,
        journal: Journal | None = None,
    ) -> None:
        self._clock = clock or SystemClock()
        self._journal = journal
        self._durable: set[str] = set()
        self._rebalance_timeout = rebalance_timeout
        self._topics: dict[str, list[PartitionLog]] = {}
        self._max_bytes: dict[str, int] = {}
        self._groups: dict[str, Group] = {}
        self._readers: set[MemoryReader] = set()
        self._unkeyed = count()
        self._closed = False

    async def publish(self, message: Message, *, timeout: float | None = None) -> Record:
        """Append the message. Raises MessageTooLarge, and Transient for a missing topic or an unwritable journal."""
        await asyncio.sleep(0)  # as with a real broker, other tasks may run before it is written
        logs = self._logs(message.topic)
        if (size := _size(message)) > self._max_bytes[message.topic]:
            raise MessageTooLarge(
                f"{message.topic}: {size} bytes, at most {self._max_bytes[message.topic]} are allowed"
            )
        log = logs[self._choose_partition(message.key, len(logs))]
        if self._journal is not None and message.topic in self._durable:
            return await self._journal.append(log, message, self._now_ms())
        return log.append(message, self._now_ms())

    @asynccontextmanager
    async def subscribe(
        self, group: str, topics: Sequence[str], listener: RebalanceListener
    ) -> AsyncIterator[MemoryConsumer]:
        """Join `group` while inside."""
        if group not in self._groups:
            committed = await self._load_commits(group)
            self._groups.setdefault(group, Group(self._partitions, self._rebalance_timeout, committed))
        consumer = MemoryConsumer(
            self._groups[group], topics, listener, self._log, partial(self._save_commit, group)
        )
        consumer.join()
        try:
            yield consumer
        finally:
            consumer.leave()

    @asynccontextmanager
    async def read(self, topics: Sequence[str], start: Edge | datetime) -> AsyncIterator[MemoryReader]:
        """Open a reader while inside."""
        logs = [log for topic in topics for log in self._logs(topic)]
        reader = MemoryReader({log: _position(log, start) for log in logs}, lambda: self._closed)
        self._readers.add(reader)
        for log in logs:
            log.listeners.add(reader.wake)
        try:
            yield reader
        finally:
            self._readers.discard(reader)
            for log in logs:
                log.listeners.discard(reader.wake)

    async def create_topics(
        self, topics: Sequence[Topic], *, partitions: int, replication: int
    ) -> Sequence[str]:
        """Create the missing topics and return their names."""
        missing = [topic for topic in topics if topic.name not in self._topics]
        for topic in missing:
            self._max_bytes[topic.name] = int(topic.config.get("max.message.bytes", _MAX_MESSAGE_BYTES))
            self._topics.setdefault(topic.name, await self._open_logs(topic, partitions))
        names = [topic.name for topic in missing]
        for group in self._groups.values():
            group.notify_created(names)
        return names

    async def delete_before(self, offsets: Mapping[Partition, int]) -> None:
        """Delete all records below these offsets."""
        if self._journal is not None:
            await self._journal.delete_before(offsets)
        for partition, offset in offsets.items():
            self._logs(partition.topic)[partition.number].delete_before(offset)

    async def lag(
        self, groups: Mapping[str, Sequence[str]], *, timeout: float, optional: Collection[str] = ()
    ) -> Lag:
        """Return the lag of each group on its topics, as the port describes it."""
        if self._closed:
            raise Transient("the broker is closed")
        return {
            group: {
                log.partition: compute_lag(self.committed(group).get(log.partition), log.first, log.next)
                for topic in topics
                for log in self._topics.get(topic, ())
            }
            for group, topics in groups.items()
            if group not in optional or self.committed(group)
        }

    async def oldest_uncommitted(
        self, groups: Mapping[str, Sequence[str]], *, timeout: float, optional: Collection[str] = ()
    ) -> OldestUncommitted:
        """Return when the oldest uncommitted record of each partition was published, as the port describes it."""
        lag = await self.lag(groups, timeout=timeout, optional=optional)
        return {
            group: {
                at: self._log(at).read(self._log(at).next - records, 1)[0].timestamp_ms
                for at, records in partitions.items()
                if records
            }
            for group, partitions in lag.items()
        }

    async def is_reachable(self, timeout: float) -> bool:
        """Return whether the broker is open."""
        return not self._closed

    async def close(self) -> None:
        """End all readers; later calls raise Transient."""
        self._closed = True
        for group in self._groups.values():
            group.close()
        for reader in self._readers:
            reader.wake.set()

    def committed(self, group: str) -> dict[Partition, int]:
        """Return the offset to read next of every partition that the group has committed."""
        return dict(self._groups[group].committed) if group in self._groups else {}

    async def _open_logs(self, topic: Topic, partitions: int) -> list[PartitionLog]:
        """Return the logs of `topic`: at least as many as it was stored with, and what is stored of them."""
        stored: Mapping[int, StoredPartition] = {}
        if self._journal is not None and topic.durable:
            since_ms = self._now_ms() - int(topic.config["retention.ms"])
            stored = await self._journal.load(topic.name, since_ms=since_ms, limit=topic.memory_retention)
            self._durable.add(topic.name)
        empty = StoredPartition((), 0)
        return [
            PartitionLog(
                Partition(topic.name, number),
                topic.memory_retention,
                records=part.records,
                next_offset=part.next,
            )
            for number in range(max(partitions, *(number + 1 for number in stored), 0))
            for part in [stored.get(number, empty)]
        ]

    async def _load_commits(self, group: str) -> dict[Partition, int]:
        return {} if self._journal is None else await self._journal.load_commits(group)

    async def _save_commit(self, group: str, offsets: Mapping[Partition, int]) -> None:
        if self._journal is None:
            return
        if durable := {at: offset for at, offset in offsets.items() if at.topic in self._durable}:
            await self._journal.commit(group, durable)

    def _now_ms(self) -> int:
        return int(self._clock.now().timestamp() * 1000)

    def _choose_partition(self, key: bytes | None, partitions: int) -> int:
        return next(self._unkeyed) % partitions if key is None else partition_of(key, partitions)

    def _logs(self, topic: str) -> list[PartitionLog]:
        if self._closed:
            raise Transient("the broker is closed")
        if topic not in self._topics:
            raise Transient(f"topic {topic} does not exist yet: `strandline topics create` makes it")
        return self._topics[topic]

    def _partitions(self, topic: str) -> Sequence[Partition]:
        return [log.partition for log in self._topics.get(topic, ())]

    def _log(self, partition: Partition) -> PartitionLog:
        return self._topics[partition.topic][partition.number]


def _size(message: Message) -> int:
    headers = sum(len(name) + len(value) for name, value in message.headers)
    return len(message.key or b"") + len(message.value or b"") + headers


def _position(log: PartitionLog, start: Edge | datetime) -> int:
    if start is Edge.BEGINNING:
        return log.first
    if start is Edge.END:
        return log.next
    return log.offset_at(int(start.timestamp() * 1000))
