"""The price producer where all markets are in demand."""

import asyncio
from collections.abc import Sequence

from broker.memory.broker import MemoryBroker
from broker.ports import Edge
from exchanges.ports import Tradable
from producers.prices.producer import PriceProducer
from producers.prices.publisher import PricePublisher
from runtime.errors import Transient
from runtime.settings import Settings
from schemas.topics import PRICES, TOPICS
from storage.database import open_database
from tests.support.deadlines import within
from tests.support.quotes import ScriptedPrices, a_quote
from tests.support.sinks import SwiftClock


class OneIsAway(ScriptedPrices):
    """`sim` has one market, `away` does not answer."""

    async def tradables(self, exchange: str) -> Sequence[Tradable]:
        if exchange == "away":
            raise Transient("away")
        return [a_quote(100.0).market]


async def test_price_producer_publishes_while_one_exchange_is_away(sqlite_url: str) -> None:
    broker = MemoryBroker()
    await broker.create_topics(TOPICS, partitions=1, replication=1)
    engine, stop, clock = open_database(sqlite_url), asyncio.Event(), SwiftClock()
    settings = Settings(_env_file=None, prices_of="all", exchanges=("away", "sim"), prices_stream=False)
    producer = PriceProducer(
        settings,
        engine=engine,
        source=OneIsAway([a_quote(100.0)]),  # type: ignore[arg-type]
        publisher=PricePublisher(broker, None, source="/test"),
        clock=clock,
    )
    async with broker.read([PRICES.name], Edge.BEGINNING) as reader:
        running = asyncio.create_task(producer.run(stop))
        record = await within(anext(aiter(reader)))
        stop.set()
        await within(running)
    assert record.key == b"sim:spot:BTCUSDT"
    assert list(producer.why_not_ready()) == []
    await engine.dispose()
