"""A producer that is abandoned leaves nothing behind that asyncio would log; on aiokafka's own accumulator."""

import asyncio
import gc
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.producer.message_accumulator import MessageAccumulator

from broker.kafka.shutdown import stop_producer
from tests.support.deadlines import within


class Producer:
    """One that never ends flushing, with a batch in flight, one that waits to be repeated, and one not sent yet."""

    def __init__(self) -> None:
        self._message_accumulator = MessageAccumulator(None, 100, 0, 30)
        self._sender = SimpleNamespace(sender_task=None)
        self.client = self

    async def fill(self) -> list[asyncio.Future[Any]]:
        futures = []
        for number in range(3):
            at = TopicPartition("t", number)
            futures.append(await self._message_accumulator.add_message(at, None, b"x", 1.0))
            if number < 2:
                batch = self._message_accumulator._pop_batch(at)
            if number == 1:
                self._message_accumulator.reenqueue(batch)
        return futures

    async def stop(self) -> None:
        await asyncio.Event().wait()

    async def close(self) -> None:
        """Nothing is connected."""


async def test_stop_producer_fails_every_batch_and_leaves_nothing_to_log() -> None:
    logged: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: logged.append(context["message"]))
    producer = Producer()
    futures = await producer.fill()
    await within(stop_producer(producer, 0.0))  # type: ignore[arg-type]
    for future in futures:
        with pytest.raises(KafkaError, match="abandoned"):
            await within(future)
    del producer, futures, future
    await asyncio.sleep(0)
    gc.collect()
    assert logged == []
