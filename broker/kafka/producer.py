"""Publishes to Kafka with a deadline.

aiokafka's idempotent producer retries a batch without limit, and after a batch has failed its sequence numbers are
broken. So each send has its own deadline, and a producer that missed one or met a fatal error is replaced.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from broker.kafka.errors import is_message_error, to_ack_error, to_send_error
from broker.kafka.options import Options
from broker.kafka.shutdown import stop_producer
from broker.partitioner import partition_of
from broker.ports import DeliveryUnknown, Message, MessageTooLarge, Partition, Record
from runtime.errors import Transient
from runtime.tasks import cancel_and_wait, task_error, wait_first

_CLOSE_SECONDS = 5.0


class KafkaPublisher:
    """Connects on the first publish, so that a process can start and read while Kafka is away."""

    def __init__(self, options: Options, timeout: float) -> None:
        self._options = options
        self._timeout = timeout
        self._connecting = asyncio.Lock()
        self._producer: AIOKafkaProducer | None = None
        self._retiring: set[asyncio.Task[None]] = set()
        # By partition: aiokafka wakes every send that waits for a full batch when it is drained, and has one go on.
        self._sending: defaultdict[Partition, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._closed = asyncio.Event()

    async def publish(self, message: Message, timeout: float | None) -> Record:
        """Send and await the acknowledgement. Raises as `Broker.publish` does."""
        seconds = self._timeout if timeout is None else timeout
        now_ms = int(time.time() * 1000)
        acknowledgement = None
        try:
            async with asyncio.timeout(seconds):
                producer = self._producer or await self._connect()
                acknowledgement = await self._send(producer, message, now_ms)
                metadata = await _await_ack(acknowledgement, message.topic)
        except TimeoutError:
            if acknowledgement is None:
                raise Transient(f"not sent to {message.topic} in time: no broker accepted it") from None
            self._retire(producer)
            raise DeliveryUnknown(
                f"not acknowledged by {message.topic} in time: it may have been written, or may still be"
            ) from None
        except KafkaError as error:
            raise to_send_error(error, message.topic) from error
        except (DeliveryUnknown, MessageTooLarge):
            # Here and above the sequence numbers of the batch are lost, and the broker would refuse all later ones.
            self._retire(producer)
            raise
        return _to_record(message, metadata, now_ms)

    async def close(self) -> None:
        """Flush and stop; unacknowledged sends are dropped after 5 seconds."""
        self._closed.set()
        async with self._connecting:  # a start in progress has ended
            if self._producer is not None:
                self._retire(self._producer, _CLOSE_SECONDS)
        if self._retiring:
            _, late = await asyncio.wait(self._retiring, timeout=_CLOSE_SECONDS + 2.0)
            await cancel_and_wait(*late)

    async def _send(self, producer: AIOKafkaProducer, message: Message, now_ms: int) -> Awaitable[Any]:
        try:
            if message.key is None:
                return await _enqueue(producer, message, now_ms)
            partition = await _find_partition(producer, message.topic, message.key)
            async with self._sending[partition]:
                return await _enqueue(producer, message, now_ms, partition.number)
        except KafkaError as error:
            if not is_message_error(error):
                # A producer whose sender task has died refuses every further message.
                self._retire(producer)
            raise

    async def _connect(self) -> AIOKafkaProducer:
        async with self._connecting:
            if self._closed.is_set():
                raise Transient("the broker is closed")
            if self._producer is None:
                self._producer = await self._start()
            return self._producer

    async def _start(self) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(**self._options)
        starting = asyncio.create_task(producer.start())
        started = False
        try:
            await wait_first(starting, self._closed.wait())
            if self._closed.is_set():
                raise Transient("the broker is closed")
            starting.result()
            started = True
        finally:
            if not started:
                await cancel_and_wait(starting)
                task_error(starting)  # retrieved, so that asyncio does not log it
                await stop_producer(producer, 0.0)
        return producer

    def _retire(self, producer: AIOKafkaProducer, seconds: float | None = None) -> None:
        """Use `producer` no more; what is enqueued may still be acknowledged until its deadline."""
        if self._producer is not producer:
            return
        self._producer = None
        ending = asyncio.create_task(stop_producer(producer, self._timeout if seconds is None else seconds))
        self._retiring.add(ending)
        ending.add_done_callback(self._retiring.discard)


async def _find_partition(producer: AIOKafkaProducer, topic: str, key: bytes) -> Partition:
    partitions = sorted(await producer.partitions_for(topic))
    return Partition(topic, partitions[partition_of(key, len(partitions))])


async def _enqueue(
    producer: AIOKafkaProducer, message: Message, now_ms: int, partition: int | None = None
) -> Awaitable[Any]:
    topic, key, value, headers = message.topic, message.key, message.value, list(message.headers)
    acknowledgement: Awaitable[Any]
    if key is not None or value is not None:
        acknowledgement = await producer.send(topic, value, key, partition, now_ms, headers)
        return acknowledgement
    # `send` requires a key or a value. Kafka does not, and a dead letter keeps what it had.
    partitions = sorted(await producer.partitions_for(topic))
    batch = producer.create_batch()
    batch.append(key=None, value=None, timestamp=now_ms, headers=headers)
    batch.close()
    acknowledgement = await producer.send_batch(batch, topic, partition=partitions[0])
    return acknowledgement


async def _await_ack(acknowledgement: Awaitable[Any], topic: str) -> Any:
    """Return aiokafka's RecordMetadata. To cancel this does not stop the message from being sent."""
    try:
        return await acknowledgement
    except Exception as error:  # aiokafka raises more classes than it documents; all are translated
        raise to_ack_error(error, topic) from error


def _to_record(message: Message, metadata: Any, sent_ms: int) -> Record:
    """Build the record from aiokafka's RecordMetadata, whose offset is -1 for an old duplicate."""
    return Record(
        topic=message.topic,
        partition=metadata.partition,
        offset=metadata.offset,
        key=message.key,
        value=message.value,
        headers=message.headers,
        timestamp_ms=sent_ms if metadata.timestamp < 0 else metadata.timestamp,
    )
