"""The broker on Kafka, through aiokafka."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError

from broker.kafka import admin
from broker.kafka.consumer import KafkaConsumer
from broker.kafka.lag import find_oldest, measure_lag
from broker.kafka.options import connection_options, member_options, producer_options, reader_options
from broker.kafka.producer import KafkaPublisher
from broker.kafka.reader import KafkaReader
from broker.kafka.topic_creation import forbid_topic_creation
from broker.ports import Edge, Lag, Message, OldestUncommitted, Partition, RebalanceListener, Record
from broker.topic_settings import TopicDescription
from runtime.settings import Settings
from schemas.topics import Topic


class KafkaBroker:
    """Connects on first use. Create it inside its event loop, and `close` it."""

    def __init__(self, settings: Settings) -> None:
        forbid_topic_creation()
        self._settings = settings
        self._connection = connection_options(settings)
        self._publisher = KafkaPublisher(producer_options(settings), settings.publish_timeout)

    async def publish(self, message: Message, *, timeout: float | None = None) -> Record:
        """Return the record once Kafka acknowledged it, as the port describes it."""
        return await self._publisher.publish(message, timeout)

    @asynccontextmanager
    async def subscribe(
        self, group: str, topics: Sequence[str], listener: RebalanceListener
    ) -> AsyncIterator[KafkaConsumer]:
        """Join `group` while inside."""
        consumer = KafkaConsumer(member_options(self._settings, group), topics, listener)
        try:
            yield consumer
        finally:
            await consumer.close()

    @asynccontextmanager
    async def read(self, topics: Sequence[str], start: Edge | datetime) -> AsyncIterator[KafkaReader]:
        """Open a reader while inside. Raises Transient."""
        reader = KafkaReader(reader_options(self._settings))
        try:
            await reader.open(topics, start)
            yield reader
        finally:
            await reader.close()

    async def create_topics(
        self, topics: Sequence[Topic], *, partitions: int, replication: int
    ) -> Sequence[str]:
        """Create the missing topics; one that has fewer partitions is left as it is, with a warning."""
        return await admin.create_topics(self._settings, topics, partitions, replication)

    async def describe_topics(
        self, names: Collection[str], *, timeout: float
    ) -> Mapping[str, TopicDescription]:
        """Return those of the topics that exist. Raises Transient."""
        return await admin.describe_topics(self._settings, names, timeout)

    async def delete_before(self, offsets: Mapping[Partition, int]) -> None:
        """Delete all records below these offsets. Raises Transient."""
        await admin.delete_before(self._settings, offsets)

    async def lag(
        self, groups: Mapping[str, Sequence[str]], *, timeout: float, optional: Collection[str] = ()
    ) -> Lag:
        """Return the lag of each group on its topics. Raises Transient."""
        return await measure_lag(self._settings, groups, timeout, optional)

    async def oldest_uncommitted(
        self, groups: Mapping[str, Sequence[str]], *, timeout: float, optional: Collection[str] = ()
    ) -> OldestUncommitted:
        """Return when the oldest uncommitted record of each partition was published. Raises Transient."""
        return await find_oldest(self._settings, groups, timeout, optional)

    async def is_reachable(self, timeout: float) -> bool:
        """Return whether a broker answers within `timeout` seconds."""
        client = AIOKafkaClient(**self._connection, request_timeout_ms=max(100, int(timeout * 1000)))
        try:
            async with asyncio.timeout(timeout):
                await client.bootstrap()
        except (KafkaError, TimeoutError):
            return False
        finally:
            await client.close()
        return True

    async def close(self) -> None:
        """Stop the producer in bounded time."""
        await self._publisher.close()
