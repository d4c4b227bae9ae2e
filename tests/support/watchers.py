"""A watcher for tests: in-process topics, a real table, a clock that is advanced by hand."""

from collections.abc import Sequence
from dataclasses import astuple
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncEngine

from broker.memory.broker import MemoryBroker
from broker.ports import Broker, Edge, Message, Partition, Record
from consumers.watcher.handler import Watcher
from consumers.watcher.index import NO_SILENCE
from exchanges.ports import Candle, Series, Tradable
from levels import Candles
from runtime.errors import Transient
from schemas.events import PriceTicked
from schemas.market import Market, candle_end, candle_open_of_ms
from schemas.tables import watches
from schemas.topics import PRICES, TOPICS, WATCH_EVENTS, encode_price
from schemas.values import to_ms
from schemas.watch_events import AnyWatchEvent, WatchFired, read_watch_event
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


class TradedCandles:
    """A CandleSource whose candles are made of trades; `is_away`: it raises Transient."""

    def __init__(self, clock: SwiftClock) -> None:
        self.trades: list[tuple[str, int, float]] = []
        self.calls: list[Market] = []
        self.is_away = False
        self._clock = clock

    async def candles(self, market: Market, limit: int) -> Series:
        return await self.candles_since(market, 0)

    async def candles_since(self, market: Market, since_ms: int) -> Series:
        self.calls.append(market)
        if self.is_away:
            raise Transient("no candles now")
        periods: dict[int, list[float]] = {}
        for symbol, at, price in self.trades:
            if symbol == market.symbol:
                periods.setdefault(candle_open_of_ms(at, market.timeframe), []).append(price)
        bars = [Candle(at, p[0], max(p), min(p), p[-1], 1.0) for at, p in sorted(periods.items())]
        now = to_ms(self._clock.now())
        closed = [bar for bar in bars if candle_end(bar.time, market.timeframe) <= now]
        columns = [[astuple(bar)[column] for bar in closed] for column in range(6)]
        unclosed = next((bar for bar in bars if bar not in closed), None)
        return Series(Candles(*columns), unclosed, ())

    async def candles_before(self, market: Market, before_ms: int, limit: int) -> Series:
        raise NotImplementedError

    async def tradables(self, exchange: str) -> Sequence[Tradable]:
        raise NotImplementedError

    async def close(self) -> None: ...


class WatcherBench:
    """`broker` is what the watchers use; `topics` is the broker behind it.

    `max_silence`: seconds without a price after which candles are checked; by default none are for that.
    `report_after`: seconds without a price until a watch is reported blind; by default never.
    """

    max_silence = NO_SILENCE / 1_000
    report_after = 0.0

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.clock = SwiftClock()
        self.topics = MemoryBroker(self.clock)
        self.broker: Broker = self.topics
        self.candles = TradedCandles(self.clock)

    async def open(self) -> None:
        await self.topics.create_topics(TOPICS, partitions=PARTITIONS, replication=1)

    def watcher(self, *numbers: int) -> Watcher:
        """Return a watcher that was just assigned these partitions of the prices topic, by default all."""
        watcher = Watcher(
            broker=self.broker,
            engine=self.engine,
            clock=self.clock,
            candles=self.candles,
            max_silence=self.max_silence,
            report_after=self.report_after,
            draw=lambda: 0.5,
        )
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
        self.trade(price, symbol)
        return await self.topics.publish(Message(*encode_price(event, source="/test")))

    def trade(self, price: float, symbol: str = "BTCUSDT") -> None:
        """Trade now at a price that only the candles show."""
        self.candles.trades.append((symbol, to_ms(self.clock.now()), price))

    async def ticks(self, *prices: float, symbol: str = "BTCUSDT", later: float = 1.0) -> list[Record]:
        return [await self.tick(price, symbol, later=later) for price in prices]

    async def events(self) -> list[AnyWatchEvent]:
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
