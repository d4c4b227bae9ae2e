"""The broker on Kafka, through aiokafka."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError

from broker.kafka import options as kafka_options
from broker.kafka.consumer import KafkaConsumer
from broker.kafka.deletion import delete_before
from broker.kafka.lag import lag_of
from broker.kafka.producer import KafkaPublisher
from broker.kafka.reader import KafkaReader
from broker.kafka.topics import create_missing
from broker.ports import Edge, Lag, Message, Partition, RebalanceListener, Record
from runtime.errors import Transient
from runtime.settings import Settings
from schemas.topics import Topic

_ADMIN_SECONDS = 30.0


class KafkaBroker:
    """Connects when it is first used; made inside the event loop it will be used on. `close` it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._connection = kafka_options.connection(settings)
        self._publisher = KafkaPublisher(kafka_options.producer(settings), settings.publish_timeout)

    async def publish(self, message: Message, *, timeout: float | None = None) -> Record:
        return await self._publisher.publish(message, timeout)

    @asynccontextmanager
    async def subscribe(
        self, group: str, topics: Sequence[str], listener: RebalanceListener
    ) -> AsyncIterator[KafkaConsumer]:
        consumer = KafkaConsumer(kafka_options.member(self._settings, group), topics, listener)
        try:
            yield consumer
        finally:
            await consumer.close()

    @asynccontextmanager
    async def read(self, topics: Sequence[str], start: Edge | datetime) -> AsyncIterator[KafkaReader]:
        reader = KafkaReader(kafka_options.reader(self._settings))
        try:
            await reader.open(topics, start)
            yield reader
        finally:
            await reader.close()

    async def create_topics(
        self, topics: Sequence[Topic], *, partitions: int, replication: int
    ) -> Sequence[str]:
        """A topic that has fewer partitions than wanted is left as it is, and a warning logged."""
        admin = AIOKafkaAdminClient(**self._connection, request_timeout_ms=10_000)
        try:
            async with asyncio.timeout(_ADMIN_SECONDS):
                await admin.start()
                return await create_missing(admin, topics, partitions, replication)
        except (KafkaError, TimeoutError) as error:
            raise Transient(f"topics not created: {type(error).__name__}: {error}") from error
        finally:
            await admin.close()

    async def partitions(self, *, timeout: float) -> Mapping[str, int]:
        """How many each topic has that is there, whosever it is. Raises Transient."""
        admin = AIOKafkaAdminClient(**self._connection, request_timeout_ms=max(100, int(timeout * 1000)))
        try:
            async with asyncio.timeout(timeout):
                await admin.start()
                return {topic["topic"]: len(topic["partitions"]) for topic in await admin.describe_topics()}
        except (KafkaError, TimeoutError) as error:
            raise Transient(f"Kafka: {type(error).__name__}: {error or 'no answer in time'}") from error
        finally:
            await admin.close()

    async def delete_before(self, offsets: Mapping[Partition, int]) -> None:
        await delete_before(self._settings, offsets)

    async def lag(
        self, groups: Mapping[str, Sequence[str]], *, timeout: float, optional: Collection[str] = ()
    ) -> Lag:
        return await lag_of(self._settings, groups, timeout, optional)

    async def is_reachable(self, timeout: float) -> bool:
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
        await self._publisher.close()
