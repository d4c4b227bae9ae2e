"""The price publisher: changes alone are published, and a failed publication is tried again with the next quote."""

import pytest

from broker.memory.broker import MemoryBroker
from broker.ports import DeliveryUnknown, Edge, Message, MessageTooLarge, Record
from producers.prices.publisher import PricePublisher
from schemas.topics import PRICES, TOPICS
from tests.support.quotes import T0, a_quote


class FailingBroker(MemoryBroker):
    """Raises `error` while it is set."""

    error: Exception | None = None

    async def publish(self, message: Message, *, timeout: float | None = None) -> Record:
        if self.error is not None:
            raise self.error
        return await super().publish(message, timeout=timeout)


@pytest.fixture
async def broker() -> FailingBroker:
    broker = FailingBroker()
    await broker.create_topics(TOPICS, partitions=1, replication=1)
    return broker


async def count_published(broker: MemoryBroker) -> int:
    count = 0
    async with broker.read([PRICES.name], Edge.BEGINNING) as reader:
        records = aiter(reader)
        while not await reader.is_caught_up():
            await anext(records)
            count += 1
    return count


async def test_price_publisher_skips_an_unchanged_price(broker: FailingBroker) -> None:
    publisher = PricePublisher(broker, None, source="/test")
    await publisher.publish([a_quote(100.0)], by="poll")
    await publisher.publish([a_quote(100.0, at=T0 + 1_000)], by="poll")
    assert await count_published(broker) == 1


async def test_price_publisher_publishes_again_after_a_failure(broker: FailingBroker) -> None:
    publisher = PricePublisher(broker, None, source="/test")
    broker.error = DeliveryUnknown("the broker did not answer")
    await publisher.publish([a_quote(100.0)], by="poll")
    broker.error = None
    await publisher.publish([a_quote(100.0, at=T0 + 1)], by="poll")
    assert await count_published(broker) == 1


async def test_price_publisher_raises_errors_that_do_not_pass(broker: FailingBroker) -> None:
    broker.error = MessageTooLarge("a bug")
    with pytest.raises(MessageTooLarge):
        await PricePublisher(broker, None, source="/test").publish([a_quote(100.0)], by="poll")
