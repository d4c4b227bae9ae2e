"""A watcher for tests: in-process topics, a real table, a clock that is advanced by hand."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncEngine

from broker.memory.broker import MemoryBroker
from broker.ports import Broker, Edge, Message, Partition, Record
from consumers.watcher.handler import Watcher
from schemas.events import PriceTicked, WatchExpired, WatchFired, read_watch_event
from schemas.tables import watches
from schemas.topics import PRICES, TOPICS, WATCH_EVENTS, encode_price
from tests.support.events import NOON
from tests.support.sinks import SwiftClock

NAIVE = NOON.replace(tzinfo=None)
PARTITIONS = 2


def a_row(watch_id: str, **columns: Any) -> dict[str, Any]:
    """A row of `watches`: a touch at 100, made at noon."""
    return {
        "id": watch_id,
        "requested": "0" * 64,
        "exchange": "sim",
        "market_type": "spot",
        "symbol": "BTCUSDT",
        "condition": "touch",
        "target": 100.0,
        "side": "long",
        "repeat": "once",
        "cooldown_seconds": 0,
        "state": "active",
        "since": NAIVE,
        "fires": 0,
        "version": 1,
        "created_at": NAIVE,
        "updated_at": NAIVE,
    } | columns


class WatcherBench:
    """`broker` is what the watchers use; `topics` is the broker behind it."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.clock = SwiftClock()
        self.topics = MemoryBroker(self.clock)
        self.broker: Broker = self.topics

    async def open(self) -> None:
        await self.topics.create_topics(TOPICS, partitions=PARTITIONS, replication=1)

    def watcher(self, *numbers: int) -> Watcher:
        """Return a watcher that was just assigned these partitions of the prices topic, by default all."""
        watcher = Watcher(broker=self.broker, engine=self.engine, clock=self.clock, draw=lambda: 0.5)
        watcher.on_assigned(partitions(*numbers))
        return watcher

    async def put(self, watch_id: str = "w", **columns: Any) -> None:
        async with self.engine.begin() as connection:
            await connection.execute(insert(watches).values(**a_row(watch_id, **columns)))

    async def change(self, watch_id: str = "w", **columns: Any) -> None:
        changing = (
            update(watches)
            .where(watches.c.id == watch_id)
            .values(
                version=watches.c.version + 1, updated_at=self.clock.now().replace(tzinfo=None), **columns
            )
        )
        async with self.engine.begin() as connection:
            await connection.execute(changing)

    async def tick(self, price: float, symbol: str = "BTCUSDT", *, later: float = 1.0) -> Record:
        """Publish a price `later` seconds after the last one."""
        self.clock.time += timedelta(seconds=later)
        event = PriceTicked(
            exchange="sim", market_type="spot", symbol=symbol, price=price, at=self.clock.now()
        )
        return await self.topics.publish(Message(*encode_price(event, source="/test")))

    async def ticks(self, *prices: float, symbol: str = "BTCUSDT", later: float = 1.0) -> list[Record]:
        return [await self.tick(price, symbol, later=later) for price in prices]

    async def events(self) -> list[WatchFired | WatchExpired]:
        """Return every published event in order of time."""
        async with self.topics.read([WATCH_EVENTS.name], Edge.BEGINNING) as reader:
            records, found = aiter(reader), []
            while not await reader.is_caught_up():
                record = await anext(records)
                found.append(read_watch_event(record.value or b""))
            return sorted(found, key=lambda event: event.at)

    async def fires(self) -> list[tuple[str, float]]:
        return [
            (event.watch_id, event.price) for event in await self.events() if isinstance(event, WatchFired)
        ]

    async def fire_ids(self) -> list[str]:
        return [event.fire_id for event in await self.events() if isinstance(event, WatchFired)]


def partitions(*numbers: int) -> list[Partition]:
    return [Partition(PRICES.name, number) for number in numbers or range(PARTITIONS)]


async def feed(watcher: Watcher, records: Sequence[Record]) -> None:
    """Decode and handle records in one batch, as the consumer loop does."""
    await watcher.handle([watcher.decode(record) for record in records])
