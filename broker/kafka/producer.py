"""Publishing to Kafka with a deadline.

aiokafka's idempotent producer retries a batch for ever, and once a batch has failed for good its sequence numbers are
broken. So each send has a deadline of its own, and a producer that missed one, or met a fatal error, is replaced.
"""

import asyncio
import time
from collections.abc import Awaitable
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from broker.kafka.errors import of_the_message, while_awaiting_acknowledgement, while_sending
from broker.kafka.options import Options
from broker.kafka.shutdown import stop_producer
from broker.ports import DeliveryUnknown, Message, MessageTooLarge, Record
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
        self._closed = asyncio.Event()

    async def publish(self, message: Message, timeout: float | None) -> Record:
        deadline = asyncio.get_running_loop().time() + (self._timeout if timeout is None else timeout)
        now_ms = int(time.time() * 1000)
        try:
            async with asyncio.timeout_at(deadline):
                producer = await self._connected()
                acknowledgement = await self._handed_over(producer, message, now_ms)
        except TimeoutError:
            raise Transient(f"not sent to {message.topic} in time: no broker took it") from None
        except KafkaError as error:
            raise while_sending(error, message.topic) from error
        try:
            told = await _acknowledged(acknowledgement, message.topic, deadline)
        except (DeliveryUnknown, MessageTooLarge):
            # Either way the batch took its sequence numbers with it, and the broker would refuse all that follow.
            self._retire(producer)
            raise
        return _record(message, told, now_ms)

    async def close(self) -> None:
        """Unacknowledged sends are dropped after a few seconds."""
        self._closed.set()
        async with self._connecting:  # a start under way has ended, and left nothing behind
            if self._producer is not None:
                self._retire(self._producer, _CLOSE_SECONDS)
        if self._retiring:
            _, late = await asyncio.wait(self._retiring, timeout=_CLOSE_SECONDS + 2.0)
            await cancel_and_wait(*late)

    async def _handed_over(self, producer: AIOKafkaProducer, message: Message, now_ms: int) -> Awaitable[Any]:
        try:
            return await _hand_over(producer, message, now_ms)
        except KafkaError as error:
            if not of_the_message(error):
                # Once its sender task has died, a producer refuses whatever it is handed, for ever.
                self._retire(producer)
            raise

    async def _connected(self) -> AIOKafkaProducer:
        async with self._connecting:
            if self._closed.is_set():
                raise Transient("the broker is closed")
            if self._producer is None:
                self._producer = await self._started()
            return self._producer

    async def _started(self) -> AIOKafkaProducer:
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
                task_error(starting)  # asyncio must not complain that nobody asked
                await stop_producer(producer, 0.0)
        return producer

    def _retire(self, producer: AIOKafkaProducer, seconds: float | None = None) -> None:
        """Nothing new goes to it; what others handed over may still be acknowledged until their deadline."""
        if self._producer is not producer:
            return
        self._producer = None
        ending = asyncio.create_task(stop_producer(producer, self._timeout if seconds is None else seconds))
        self._retiring.add(ending)
        ending.add_done_callback(self._retiring.discard)


async def _hand_over(producer: AIOKafkaProducer, message: Message, now_ms: int) -> Awaitable[Any]:
    topic, key, value, headers = message.topic, message.key, message.value, list(message.headers)
    acknowledgement: Awaitable[Any]
    if key is not None or value is not None:
        acknowledgement = await producer.send(topic, value, key, timestamp_ms=now_ms, headers=headers)
        return acknowledgement
    # `send` insists on a key or a value. Kafka does not, and a dead letter goes on as it came.
    partitions = sorted(await producer.partitions_for(topic))
    batch = producer.create_batch()
    batch.append(key=None, value=None, timestamp=now_ms, headers=headers)
    batch.close()
    acknowledgement = await producer.send_batch(batch, topic, partition=partitions[0])
    return acknowledgement


async def _acknowledged(acknowledgement: Awaitable[Any], topic: str, deadline: float) -> Any:
    waiting = asyncio.ensure_future(acknowledgement)
    seconds = deadline - asyncio.get_running_loop().time()
    done, _ = await asyncio.wait({waiting}, timeout=max(seconds, 0.0))
    if not done:
        waiting.add_done_callback(_heard)
        raise DeliveryUnknown(f"not acknowledged by {topic} in time: it may have been taken, or may yet be")
    if error := waiting.exception():
        raise while_awaiting_acknowledgement(error, topic) from error
    return waiting.result()


def _heard(future: asyncio.Future[Any]) -> None:
    """The outcome came too late for anybody; asyncio must not complain that nobody asked."""
    if not future.cancelled():
        future.exception()


def _record(message: Message, told: Any, sent_ms: int) -> Record:
    """`told` is aiokafka's RecordMetadata; its offset is -1 for a duplicate that the broker has long had."""
    return Record(
        topic=message.topic,
        partition=told.partition,
        offset=told.offset,
        key=message.key,
        value=message.value,
        headers=message.headers,
        timestamp_ms=sent_ms if told.timestamp < 0 else told.timestamp,
    )
