"""A broker on which the names of topics and groups begin with a prefix, so that installations can share one Kafka.

Everything above it uses the names of `schemas/topics.py`, also in dead letters and request ids.
"""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from broker.ports import (
    Broker,
    Consumer,
    Edge,
    Lag,
    Message,
    OldestUncommitted,
    Partition,
    Reader,
    RebalanceListener,
    Record,
    RecordsLost,
)
from schemas.topics import Topic


@dataclass(frozen=True, slots=True)
class NamePrefix:
    """Adds the prefix to names, and removes it."""

    prefix: str

    def add(self, partition: Partition) -> Partition:
        return Partition(self.prefix + partition.topic, partition.number)

    def add_all(self, offsets: Mapping[Partition, int]) -> dict[Partition, int]:
        return {self.add(at): offset for at, offset in offsets.items()}

    def strip_name(self, name: str) -> str:
        return name.removeprefix(self.prefix)

    def strip(self, partition: Partition) -> Partition:
        return Partition(self.strip_name(partition.topic), partition.number)

    def strip_all(self, offsets: Mapping[Partition, int]) -> dict[Partition, int]:
        return {self.strip(at): offset for at, offset in offsets.items()}

    def strip_record(self, record: Record) -> Record:
        return replace(record, topic=self.strip_name(record.topic))

    def strip_loss(self, lost: RecordsLost) -> RecordsLost:
        return RecordsLost(self.strip(lost.partition), lost.next_offset, str(lost))


class PrefixedBroker:
    """Passes every call to `broker`, with the prefix added to names and removed from those that return."""

    def __init__(self, broker: Broker, prefix: str) -> None:
        self._broker = broker
        self._names = NamePrefix(prefix)

    async def publish(self, message: Message, *, timeout: float | None = None) -> Record:
        """Publish to the topic with the prefix."""
        sent = replace(message, topic=self._names.prefix + message.topic)
        return self._names.strip_record(await self._broker.publish(sent, timeout=timeout))

    @asynccontextmanager
    async def subscribe(
        self, group: str, topics: Sequence[str], listener: RebalanceListener
    ) -> AsyncIterator[Consumer]:
        """Join the group with the prefix while inside."""
        named = _PrefixedListener(listener, self._names)
        joined = self._broker.subscribe(self._names.prefix + group, self._add(topics), named)
        async with joined as consumer:
            yield _PrefixedConsumer(consumer, self._names)

    @asynccontextmanager
    async def read(self, topics: Sequence[str], start: Edge | datetime) -> AsyncIterator[Reader]:
        """Open a reader of the topics with the prefix while inside."""
        async with self._broker.read(self._add(topics), start) as reader:
            yield _PrefixedReader(reader, self._names)

    async def create_topics(
        self, topics: Sequence[Topic], *, partitions: int, replication: int
    ) -> Sequence[str]:
        """Create the missing topics; return their names without the prefix."""
        prefixed = add_prefix(topics, self._names.prefix)
        created = await self._broker.create_topics(prefixed, partitions=partitions, replication=replication)
        return [self._names.strip_name(name) for name in created]

    async def delete_before(self, offsets: Mapping[Partition, int]) -> None:
        """Delete all records below these offsets. Raises Transient."""
        await self._broker.delete_before(self._names.add_all(offsets))

    async def lag(
        self, groups: Mapping[str, Sequence[str]], *, timeout: float, optional: Collection[str] = ()
    ) -> Lag:
        """Return the lag of each group on its topics. Raises Transient."""
        lag = await self._broker.lag(self._add_groups(groups), timeout=timeout, optional=self._add(optional))
        return self._strip_groups(lag)

    async def oldest_uncommitted(
        self, groups: Mapping[str, Sequence[str]], *, timeout: float, optional: Collection[str] = ()
    ) -> OldestUncommitted:
        """Return when the oldest uncommitted record of each partition was published. Raises Transient."""
        oldest = await self._broker.oldest_uncommitted(
            self._add_groups(groups), timeout=timeout, optional=self._add(optional)
        )
        return self._strip_groups(oldest)

    async def is_reachable(self, timeout: float) -> bool:
        """Return whether the broker answers within `timeout` seconds."""
        return await self._broker.is_reachable(timeout)

    async def close(self) -> None:
        """Close the broker."""
        await self._broker.close()

    def _add_groups(self, groups: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
        return {self._names.prefix + group: self._add(topics) for group, topics in groups.items()}

    def _strip_groups(self, found: Mapping[str, Mapping[Partition, int]]) -> dict[str, dict[Partition, int]]:
        return {self._names.strip_name(group): self._names.strip_all(of) for group, of in found.items()}

    def _add(self, names: Iterable[str]) -> list[str]:
        return [self._names.prefix + name for name in names]


def add_prefix(topics: Iterable[Topic], prefix: str) -> list[Topic]:
    """Return the topics under their names on the broker."""
    return [replace(topic, name=prefix + topic.name) for topic in topics]


class _PrefixedListener:
    def __init__(self, listener: RebalanceListener, names: NamePrefix) -> None:
        self._listener = listener
        self._names = names

    async def on_assigned(self, partitions: Sequence[Partition]) -> None:
        await self._listener.on_assigned([self._names.strip(at) for at in partitions])

    async def on_revoked(self, partitions: Sequence[Partition]) -> None:
        await self._listener.on_revoked([self._names.strip(at) for at in partitions])


class _PrefixedConsumer:
    def __init__(self, consumer: Consumer, names: NamePrefix) -> None:
        self._consumer = consumer
        self._names = names

    async def poll(self, max_records: int, timeout: float) -> Sequence[Record]:
        try:
            records = await self._consumer.poll(max_records, timeout)
        except RecordsLost as lost:
            raise self._names.strip_loss(lost) from lost
        return [self._names.strip_record(record) for record in records]

    def positions(self) -> Mapping[Partition, int]:
        return self._names.strip_all(self._consumer.positions())

    def pause(self, partitions: Iterable[Partition]) -> None:
        self._consumer.pause([self._names.add(at) for at in partitions])

    def resume(self, partitions: Iterable[Partition]) -> None:
        self._consumer.resume([self._names.add(at) for at in partitions])

    async def lag(self) -> Mapping[Partition, int]:
        return self._names.strip_all(await self._consumer.lag())

    async def commit(self, offsets: Mapping[Partition, int]) -> None:
        await self._consumer.commit(self._names.add_all(offsets))


class _PrefixedReader:
    def __init__(self, reader: Reader, names: NamePrefix) -> None:
        self._reader = reader
        self._names = names

    async def __aiter__(self) -> AsyncIterator[Record]:
        try:
            async for record in self._reader:
                yield self._names.strip_record(record)
        except RecordsLost as lost:
            raise self._names.strip_loss(lost) from lost

    async def is_caught_up(self) -> bool:
        return await self._reader.is_caught_up()
