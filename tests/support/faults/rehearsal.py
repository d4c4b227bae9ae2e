"""A round of watches in virtual time: prices are cut or late, candles are away, watchers die, the table lags behind.

The broker is in this process, the table is SQLite, and a second takes as long as its work. The path of a price has four
steps a second, of which the feed shows one and the candles all.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random

import numpy as np
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from broker.ports import Message, Record
from consumers.sink.watch_events import record_watch_events
from consumers.watcher.handler import Watcher
from exchanges.ccxt.tickers import find_quote_time
from exchanges.ports import Candle, Series
from levels import Candles
from runtime.errors import Transient
from schemas.events import PriceTicked
from schemas.market import Market
from schemas.tables import watches
from schemas.topics import WATCH_EVENTS, encode_price
from schemas.values import from_ms, to_ms
from schemas.watch_events import (
    AnyWatchEvent,
    WatchBlinded,
    WatchExpired,
    WatchFired,
    WatchSighted,
    read_watch_event,
)
from schemas.watches import CLOSES, Condition
from tests.support.faults.crossings import (
    MINUTE_MS,
    BlindTime,
    CrossingLedger,
    JudgedWatch,
    RecordedFire,
    judge_crossings,
)
from tests.support.sinks import SwiftClock
from tests.support.watchers import TradedCandles, WatcherBench, a_row, feed

_STEPS = 4
"""Of the path, a second."""
_VOLATILITY = 0.00015
_SPREAD = 0.004
_CONDITIONS: Sequence[Condition] = ("touch", "touch", "cross_up", "cross_down", "close_above", "close_below")
_CANDLE_COLUMNS = 6
_SLOW_SECONDS = 8
"""How long an answer with prices takes while the exchange is slow."""
_UNJUDGED_MS = 40_000
"""Of the end: its candles may not be checked yet."""
_SLOW_PHASE = 5
"""Some of these answers come in the minute after the request."""


@dataclass(frozen=True, slots=True)
class RehearsalSize:
    """`quiet` are the seconds at the end without a fault: two whole minutes, for fires that are late."""

    watches: int = 300
    markets: int = 6
    seconds: int = 900
    quiet: int = 150
    seed: int = 1


class PathCandles(TradedCandles):
    """Candles of a random walk of each symbol, from the minute before the clock's first."""

    def __init__(self, clock: SwiftClock, symbols: Sequence[str], seconds: int, seed: int) -> None:
        super().__init__(clock)
        self.start = to_ms(clock.now()) // MINUTE_MS * MINUTE_MS - MINUTE_MS
        steps = np.random.default_rng(seed).normal(0, _VOLATILITY, (len(symbols), (seconds + 240) * _STEPS))
        paths = np.round(100 * np.exp(np.cumsum(steps, axis=1)), 4)
        self._paths = dict(zip(symbols, paths, strict=True))

    def price(self, symbol: str, time: int) -> float:
        return float(self._paths[symbol][(time - self.start) * _STEPS // 1_000])

    def minutes(self, symbol: str, until: int) -> list[Candle]:
        """Return the candles of a minute up to `until` (ms), the last one as far as it has come."""
        path = self._paths[symbol][: (until - self.start) * _STEPS // 1_000 + 1]
        size = 60 * _STEPS
        parts = [path[first : first + size] for first in range(0, len(path), size)]
        return [
            Candle(
                self.start + n * MINUTE_MS,
                float(part[0]),
                float(part.max()),
                float(part.min()),
                float(part[-1]),
                1.0,
            )
            for n, part in enumerate(parts)
        ]

    async def candles_since(self, market: Market, since_ms: int) -> Series:
        if self.is_away:
            raise Transient("no candles now")
        *closed, unclosed = self.minutes(market.symbol, to_ms(self._clock.now()))
        rows = [(c.time, c.open, c.high, c.low, c.close, c.volume) for c in closed if c.time >= since_ms]
        columns = [[row[column] for row in rows] for column in range(_CANDLE_COLUMNS)]
        return Series(Candles(*columns), unclosed, ())


class Rehearsal:
    """One round on a migrated database of its own."""

    def __init__(self, engine: AsyncEngine, size: RehearsalSize) -> None:
        self._size = size
        self._chance = Random(size.seed)
        self._bench = WatcherBench(engine)
        self._bench.max_silence = 16.0
        self._bench.report_after = 60.0
        self._symbols = [f"M{number}USDT" for number in range(size.markets)]
        self._candles = PathCandles(self._bench.clock, self._symbols, size.seconds, size.seed)
        self._bench.candles = self._candles
        self._prices: list[Record] = []
        self._handled = 0
        self._fires: list[RecordedFire] = []
        self._blindness: dict[tuple[str, int], int] = {}
        self._pending: list[AnyWatchEvent] = []
        self._cut_until = self._away_until = self._slow_until = 0
        self._slow_chance = Random(size.seed + 1_000)
        self._published_until = 0
        self._read_at = self._bench.clock.now()
        self._read: set[tuple[int, int]] = set()
        self._away_seconds = 0
        self._begun = self._now()
        self._until = (self._begun + size.seconds * 1_000 - _UNJUDGED_MS) // MINUTE_MS * MINUTE_MS
        self.kills = 0
        self.cuts = 0
        self.slowdowns = 0

    async def run(self) -> CrossingLedger:
        await self._bench.open()
        plans = await self._make_watches()
        watcher = self._bench.watcher()
        for second in range(self._size.seconds):
            if second < self._size.seconds - self._size.quiet:
                self._draw_faults(second)
                watcher = self._draw_kill(watcher)
            self._candles.is_away = second < self._away_until
            await self._pass_second(watcher, second)
            await self._write_table(lags=self._chance.random() < 0.7)
        until = self._until
        candles = {symbol: self._candles.minutes(symbol, until) for symbol in self._symbols}
        delivered = {fire.fire_id: 1 for fire in self._fires}
        blindness = list(self._end_blindness(until))
        away = self._away_seconds * 1_000 / (until - self._begun)
        return judge_crossings(plans, candles, self._fires, delivered, until, blindness, away)

    def _end_blindness(self, until: int) -> Iterator[BlindTime]:
        for (symbol, start), end in self._blindness.items():
            yield BlindTime(symbol, start, end or until)

    def _now(self) -> int:
        return to_ms(self._bench.clock.now())

    async def _make_watches(self) -> list[JudgedWatch]:
        plans = list(self._plan_watches())
        rows = [
            a_row(
                plan.id,
                symbol=plan.symbol,
                condition=plan.condition,
                target=plan.target,
                timeframe="1m" if plan.condition in CLOSES else None,
                repeat="once" if plan.once else "always",
                expires_at=from_ms(plan.until).replace(tzinfo=None) if plan.until < 10**15 else None,
            )
            for plan in plans
        ]
        async with self._bench.engine.begin() as connection:
            await connection.execute(insert(watches), rows)
        return plans

    def _plan_watches(self) -> Iterator[JudgedWatch]:
        now = self._now()
        for number in range(self._size.watches):
            symbol = self._symbols[number % len(self._symbols)]
            target = round(self._candles.price(symbol, now) * (1 + self._chance.gauss(0, _SPREAD)), 5)
            ends = now + self._chance.randrange(self._size.seconds * 1_000)
            yield JudgedWatch(
                f"w{number}",
                symbol,
                _CONDITIONS[number % len(_CONDITIONS)],
                target,
                self._chance.random() < 0.5,
                now,
                ends if self._chance.random() < 0.2 else 10**15,
            )

    def _draw_faults(self, second: int) -> None:
        if second >= self._cut_until and self._chance.random() < 0.08:
            self._cut_until = second + self._chance.choice((2, 5, 12, 20, 40, 130))
            self.cuts += 1
        if second >= self._away_until and self._chance.random() < 0.02:
            self._away_until = second + self._chance.choice((5, 30, 90))
        if second >= self._slow_until and self._slow_chance.random() < 0.05:
            self._slow_until = second + self._slow_chance.choice((5, 15, 40))
            self.slowdowns += 1

    def _draw_kill(self, watcher: Watcher) -> Watcher:
        """Replace the watcher now and then; the next one begins at an offset that may be some seconds old."""
        if self._chance.random() > 0.03:
            return watcher
        watcher.on_assigned([])
        self._handled = max(0, self._handled - self._chance.randrange(6 * self._size.markets))
        self.kills += 1
        return self._bench.watcher()

    async def _pass_second(self, watcher: Watcher, second: int) -> None:
        self._bench.clock.time += timedelta(seconds=1)
        if second >= self._cut_until:
            await self._publish_prices(self._find_answer(second))
        is_away = self._now() - self._published_until > _SLOW_SECONDS * 1_000
        self._away_seconds += is_away and self._now() <= self._until
        if self._handled < len(self._prices):
            await feed(watcher, self._prices[self._handled :])
            self._handled = len(self._prices)
        await watcher.refresh()
        await watcher.check_candles()

    def _find_answer(self, second: int) -> int | None:
        """Return the time (ms) of the prices that the exchange answers with in this second; None for no answer."""
        if second >= self._slow_until:
            return self._now()
        if (second + _SLOW_PHASE) % _SLOW_SECONDS:
            return None
        return find_quote_time(self._now() - _SLOW_SECONDS * 1_000, self._now())

    async def _publish_prices(self, at: int | None) -> None:
        """Publish the present prices as of `at` (ms), unless later ones are published; none if that is None."""
        if at is None or at <= self._published_until:
            return
        self._published_until = at
        for symbol in self._symbols:
            self._prices.append(await self._publish(symbol, at))

    async def _publish(self, symbol: str, at: int) -> Record:
        price = self._candles.price(symbol, self._now())
        event = PriceTicked(exchange="sim", market_type="spot", symbol=symbol, price=price, at=from_ms(at))
        return await self._bench.topics.publish(Message(*encode_price(event, source="/test")))

    async def _write_table(self, *, lags: bool) -> None:
        """Record the events as the sink does, which may be behind."""
        for event in await self._read_new_events():
            self._pending.append(event)
            if isinstance(event, WatchFired):
                fire = RecordedFire(event.fire_id, event.watch_id, to_ms(event.at), event.late, event.price)
                self._fires.append(fire)
            elif isinstance(event, WatchBlinded):
                self._blindness.setdefault((event.symbol, to_ms(event.at)), 0)
            elif isinstance(event, WatchSighted):
                self._blindness[event.symbol, to_ms(event.blind_from)] = to_ms(event.at)
        if lags or not self._pending:
            return
        events = [event for event in self._pending if isinstance(event, WatchFired | WatchExpired)]
        self._pending.clear()
        async with self._bench.engine.begin() as connection:
            await record_watch_events(connection, events, self._bench.clock.now())

    async def _read_new_events(self) -> list[AnyWatchEvent]:
        since, self._read_at = self._read_at, self._bench.clock.now()
        async with self._bench.topics.read([WATCH_EVENTS.name], since) as reader:
            records, found = aiter(reader), []
            while not await reader.is_caught_up():
                record = await anext(records)
                if (record.partition, record.offset) not in self._read:
                    self._read.add((record.partition, record.offset))
                    found.append(read_watch_event(record.value or b""))
            return found
