"""Telling prices: news alone goes out, what could not be published is forgotten, and Redis gets the latest."""

import pytest

from broker.memory.broker import MemoryBroker
from broker.ports import DeliveryUnknown, Edge, Message, MessageTooLarge, Record
from producers.prices.publisher import PriceTeller
from schemas.topics import PRICES, TOPICS
from tests.support.quotes import T0, a_quote


class MoodyBroker(MemoryBroker):
    """Refuses with `error` while there is one."""

    error: Exception | None = None

    async def publish(self, message: Message, *, timeout: float | None = None) -> Record:
        if self.error is not None:
            raise self.error
        return await super().publish(message, timeout=timeout)


@pytest.fixture
async def broker() -> MoodyBroker:
    broker = MoodyBroker()
    await broker.create_topics(TOPICS, partitions=1, replication=1)
    return broker


async def published(broker: MemoryBroker) -> int:
    count = 0
    async with broker.read([PRICES.name], Edge.BEGINNING) as reader:
        records = aiter(reader)
        while not await reader.is_caught_up():
            await anext(records)
            count += 1
    return count


async def test_a_price_that_stayed_is_not_published_again(broker: MoodyBroker) -> None:
    teller = PriceTeller(broker, None, source="/test")
    await teller.tell([a_quote(100.0)], by="poll")
    await teller.tell([a_quote(100.0, at=T0 + 1_000)], by="poll")
    assert await published(broker) == 1


async def test_what_was_not_published_is_news_still(broker: MoodyBroker) -> None:
    teller = PriceTeller(broker, None, source="/test")
    broker.error = DeliveryUnknown("no word")
    await teller.tell([a_quote(100.0)], by="poll")
    broker.error = None
    await teller.tell([a_quote(100.0, at=T0 + 1)], by="poll")
    assert await published(broker) == 1


async def test_what_is_no_passing_trouble_is_raised(broker: MoodyBroker) -> None:
    broker.error = MessageTooLarge("a bug")
    with pytest.raises(MessageTooLarge):
        await PriceTeller(broker, None, source="/test").tell([a_quote(100.0)], by="poll")
