"""A feed and an analyzer on a simulated exchange whose minutes pass quickly, beside what REST alone would answer."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from broker.ports import Broker, Edge
from consumers.analyzer.__main__ import run as run_analyzer
from consumers.sink.__main__ import run as run_sink
from exchanges.ccxt.source import CcxtCandleSource
from producers.feed.__main__ import run as run_feed
from producers.role_process import RoleProcess
from producers.watchlist.entries import WatchlistEntry
from runtime.settings import Settings
from schemas.market import Market, candle_end
from schemas.topics import CANDLES, RESULTS, UNCHANGED
from schemas.values import to_ms
from storage.candle_times import load_candle_times
from tests.support.pipeline import run_role
from tests.support.simulated import Simulated
from tests.support.speed_clock import SpeedClock

FACTOR = 30.0
"""Seconds of the exchange in one real second: a minute takes two."""

START = datetime(2026, 1, 5, 12, 55, 40, tzinfo=UTC)
"""Shortly before a full hour, at which longer candles close, unless the roles take long to start."""


@dataclass
class Feeding:
    """What the topics hold so far: candles by market key and open time, the last result of each candle."""

    broker: Broker
    engine: AsyncEngine
    source: CcxtCandleSource
    settings: Settings
    clock: SpeedClock
    exchange: Simulated
    entries: Sequence[WatchlistEntry]
    candles: list[dict[str, Any]] = field(default_factory=list)
    results: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def markets(self) -> list[Market]:
        return [
            Market.of(entry.exchange, symbol, entry.market_type, timeframe)
            for entry in self.entries
            for symbol in entry.symbols
            for timeframe in entry.timeframes
        ]

    @asynccontextmanager
    async def feed(self) -> AsyncIterator[None]:
        process = RoleProcess(self.settings, self.broker, clock=self.clock)
        async with run_role(
            lambda stop: run_feed(self._stopped_by(process, stop), self.entries, self.engine, self.source)
        ):
            yield

    @asynccontextmanager
    async def analyzer(self) -> AsyncIterator[None]:
        process = RoleProcess(self.settings, self.broker, clock=self.clock)
        async with run_role(lambda stop: run_analyzer(self._stopped_by(process, stop), self.source)):
            yield

    @asynccontextmanager
    async def sink(self) -> AsyncIterator[None]:
        process = RoleProcess(self.settings, self.broker, clock=self.clock)
        async with run_role(lambda stop: run_sink(self._stopped_by(process, stop), self.engine)):
            yield

    async def read_topics(self) -> None:
        """Follow the topics until cancelled."""
        async with self.broker.read([CANDLES.name, RESULTS.name, UNCHANGED.name], Edge.BEGINNING) as reader:
            async for record in reader:
                event = json.loads(record.value or b"{}")
                if record.topic == CANDLES.name:
                    self.candles.append(event)
                else:
                    market = Market.model_validate(event["market"])
                    self.results[market.key, _ms(event["candle_at"])] = event
                self._arrived.set()

    async def wait_for_candle(self, open_ms: int, timeframe: str = "1m", seconds: float = 60.0) -> None:
        """Return once every market of the timeframe has a result at this candle or a later one."""
        keys = [market.key for market in self.markets if market.timeframe == timeframe]
        async with asyncio.timeout(seconds):
            while not all(self._newest(key) >= open_ms for key in keys):
                self._arrived.clear()
                await self._arrived.wait()

    async def wait_for_source(self, source: str, seconds: float = 60.0) -> None:
        """Return once a minute was published that came from there."""
        async with asyncio.timeout(seconds):
            while not any(one["source"] == source for one in self.candles):
                self._arrived.clear()
                await self._arrived.wait()

    async def wait_for_row(self, open_ms: int, seconds: float = 60.0) -> None:
        """Return once every 1m market has a row of this candle or a later one."""
        markets = [market for market in self.markets if market.timeframe == "1m"]
        async with asyncio.timeout(seconds):
            while True:
                async with self.engine.connect() as connection:
                    times = await load_candle_times(connection, markets)
                if len(times) == len(markets) and min(times.values()) >= open_ms:
                    return
                await asyncio.sleep(0.02)  # the table offers no event to wait for

    async def find_differences(self, until_ms: int) -> list[str]:
        """Return the results up to `until_ms` that differ from the exchange's history by REST."""
        found: list[str] = []
        for market in self.markets:
            opens = [open_ms for key, open_ms in self.results if key == market.key and open_ms <= until_ms]
            if not opens:
                if market.timeframe == "1m":
                    found.append(f"{market.key} has no result")
                continue
            series = await self.source.candles_before(market, candle_end(max(opens), market.timeframe), 2_100)
            for open_ms in opens:
                result = self.results[market.key, open_ms]
                end = int((series.closed.time <= open_ms).sum())
                expected = series.closed[end - result["input_limit"] : end]
                if result["candles_hash"] != expected.digest(result["last_price"]):
                    found.append(f"{market.key} at {open_ms}: another hash than by REST")
        return found

    def find_gaps(self, timeframe: str) -> list[str]:
        """Return what is wrong with the published candles: one missing between two, or published twice."""
        found: list[str] = []
        for market in (one for one in self.markets if one.timeframe == timeframe):
            opens = [
                _ms(one["open_at"])
                for one in self.candles
                if one["symbol"] == market.symbol and one["timeframe"] == timeframe and one["revision"] == 0
            ]
            step = candle_end(0, timeframe)
            if opens != list(range(opens[0], opens[0] + len(opens) * step, step)) if opens else True:
                found.append(f"{market.key}: {opens}")
        return found

    def _newest(self, key: str) -> int:
        return max((open_ms for one, open_ms in self.results if one == key), default=0)

    @staticmethod
    def _stopped_by(process: RoleProcess, stop: asyncio.Event) -> RoleProcess:
        return RoleProcess(process.settings, process.broker, stop, process.health, process.clock)


@asynccontextmanager
async def feeding(
    broker: Broker,
    engine: AsyncEngine,
    exchange: Simulated,
    clock: SpeedClock,
    symbols: Mapping[str, tuple[str, ...]],
    *,
    trades: bool = False,
) -> AsyncIterator[Feeding]:
    """Open a source, and follow the topics; `symbols` -> timeframes; `trades`: minutes are built from
    trades. The roles are the test's to run."""
    settings = exchange.settings().model_copy(
        update={"drain_timeout": 60.0, "feed_trades": ("sim",) if trades else ()}
    )
    entries = [
        WatchlistEntry(exchange="sim", market_type="spot", symbols=(symbol,), timeframes=timeframes)
        for symbol, timeframes in symbols.items()
    ]
    async with AsyncExitStack() as stack:
        source = CcxtCandleSource(settings, clock)
        stack.push_async_callback(source.close)
        found = Feeding(broker, engine, source, settings, clock, exchange, entries)
        reading = asyncio.create_task(found.read_topics())
        try:
            yield found
        finally:
            reading.cancel()
            await asyncio.wait({reading})


def _ms(text: str) -> int:
    return to_ms(datetime.fromisoformat(text))
