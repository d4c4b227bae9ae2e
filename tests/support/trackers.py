"""A tracker for tests: in-process topics, a real table, and results that are fed as the consumer loop does."""

from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncEngine

from broker.memory.broker import MemoryBroker
from broker.ports import Broker, Edge, Record
from consumers.tracker.handler import Tracker
from schemas.candles.unchanged import AnalysisUnchanged
from schemas.events import AnalysisCompleted, PriceTicked
from schemas.level_events import AnyLevelEvent, read_level_event
from schemas.market import Market
from schemas.topics import LEVELS, PRICES, TOPICS
from schemas.values import from_ms
from tests.support.events import CANDLE, make_market, make_record, to_record
from tests.support.sinks import SwiftClock

BTC = make_market()


class TrackerBench:
    """`broker` is what the trackers use; `topics` is the broker behind it."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.clock = SwiftClock()
        self.topics = MemoryBroker(self.clock)
        self.broker: Broker = self.topics

    async def open(self) -> None:
        await self.topics.create_topics(TOPICS, partitions=2, replication=1)

    def tracker(self) -> Tracker:
        return Tracker(broker=self.broker, engine=self.engine, clock=self.clock, draw=lambda: 0.5)

    async def take(self, *results: AnalysisCompleted | AnalysisUnchanged) -> list[AnyLevelEvent]:
        """Let a tracker that has just started handle the results in one batch; return what that publishes."""
        before = len(await self.events())
        await feed(self.tracker(), map(to_record, results))
        return (await self.events())[before:]

    async def tick(
        self, price: float, *, minutes: float, tracker: Tracker | None = None
    ) -> list[AnyLevelEvent]:
        """Let a tracker (by default one that has just started) handle a price; return what that publishes."""
        before = len(await self.events())
        await feed(tracker or self.tracker(), [make_tick(price, minutes)])
        return (await self.events())[before:]

    async def events(self) -> list[AnyLevelEvent]:
        """Return every published event; those of a market are in order."""
        async with self.topics.read([LEVELS.name], Edge.BEGINNING) as reader:
            records, found = aiter(reader), []
            while not await reader.is_caught_up():
                found.append(read_level_event((await anext(records)).value or b""))
            return found


def make_tick(price: float, minutes: float, market: Market = BTC) -> Record:
    """Make the record of a price so long after CANDLE, the open time of an hourly candle."""
    at = from_ms(CANDLE + int(minutes * 60_000))
    event = PriceTicked(
        exchange=market.exchange, market_type=market.market_type, symbol=market.symbol, price=price, at=at
    )
    return make_record(PRICES.name, event.model_dump_json().encode(), at=at)


async def feed(tracker: Tracker, records: Iterable[Record]) -> None:
    """Decode and handle records in one batch, as the consumer loop does."""
    await tracker.handle([tracker.decode(record) for record in records])
