"""Which producers are replaced, and which are kept; on stand-ins for aiokafka's."""

import asyncio
from typing import Any

import pytest
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, UnknownTopicOrPartitionError

from broker.kafka import producer as kafka_producer
from broker.kafka.producer import KafkaPublisher
from broker.ports import Message, MessageTooLarge
from runtime.errors import StrandlineError, Transient
from tests.support.deadlines import until, within

MESSAGE = Message("t", None, b"x")


class Producer:
    """Fails every hand-over with `error`; starts once `gate` is open."""

    made: list["Producer"]
    error: Exception
    gate: asyncio.Event

    def __init__(self, **options: Any) -> None:
        self.made.append(self)
        self.started = self.stopped = False

    async def start(self) -> None:
        await self.gate.wait()
        self.started = True

    async def stop(self) -> None:
        self.stopped = True

    async def send(self, *args: Any, **more: Any) -> None:
        raise self.error


@pytest.fixture
async def producers(monkeypatch: pytest.MonkeyPatch) -> type[Producer]:
    monkeypatch.setattr(kafka_producer, "AIOKafkaProducer", Producer)
    Producer.made, Producer.gate = [], asyncio.Event()
    Producer.gate.set()
    return Producer


async def test_publisher_replaces_a_producer_whose_sender_died(producers: type[Producer]) -> None:
    # What `send` raises from then on, whatever it is handed.
    producers.error = KafkaError("Unexpected error during batch delivery")
    publisher = KafkaPublisher({}, 1.0)
    for _ in range(3):
        with pytest.raises(Transient, match="not sent"):
            await within(publisher.publish(MESSAGE, None))
    await within(publisher.close())
    assert len(producers.made) == 3
    assert all(producer.stopped for producer in producers.made)


@pytest.mark.parametrize(
    ("error", "raised"),
    [(MessageSizeTooLargeError("3 MB"), MessageTooLarge), (UnknownTopicOrPartitionError(), Transient)],
)
async def test_publisher_keeps_its_producer_when_the_message_is_to_blame(
    producers: type[Producer], error: KafkaError, raised: type[StrandlineError]
) -> None:
    producers.error = error
    publisher = KafkaPublisher({}, 1.0)
    for _ in range(3):
        with pytest.raises(raised):
            await within(publisher.publish(MESSAGE, None))
    await within(publisher.close())
    assert len(producers.made) == 1


async def test_publisher_close_cancels_a_start(producers: type[Producer]) -> None:
    producers.gate.clear()
    publisher = KafkaPublisher({}, 60.0)
    publishing = [asyncio.create_task(publisher.publish(MESSAGE, None)) for _ in range(2)]
    await until(lambda: len(producers.made) == 1)
    await within(publisher.close())
    assert producers.made[0].stopped
    for task in publishing:
        with pytest.raises(Transient, match="closed"):
            await within(task)
    assert len(producers.made) == 1


async def test_publisher_close_stops_a_producer_that_just_started(producers: type[Producer]) -> None:
    producers.gate.clear()
    publisher = KafkaPublisher({}, 60.0)
    publishing = asyncio.create_task(publisher.publish(MESSAGE, None))
    await until(lambda: len(producers.made) == 1)
    producers.gate.set()
    await within(publisher.close())
    with pytest.raises(Transient, match="closed"):
        await within(publishing)
    assert all(producer.stopped for producer in producers.made)
