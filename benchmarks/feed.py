"""Measure live candles: `python -m benchmarks.feed`, or `make bench ONLY=feed`.

A simulated exchange in a process of its own pushes klines of 1,630 symbols. Feed, in-process broker and analyzer share
this process and its second one, as in `strandline up`, and analyse six timeframes at their closes, over two minutes and
a full hour. The caches begin warm, from the exchange's own tape; what REST the feed calls itself is counted by the
exchange.
STRANDLINE_BENCH_SYMBOLS changes the number of symbols.
"""

import asyncio
import json
import os
import resource
import socket
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median, quantiles

import httpx
from sqlalchemy.ext.asyncio import create_async_engine

from benchmarks.figures import Figure
from benchmarks.processes import RunningProcess, await_http, cpu_seconds, memory_mb
from broker.kafka.connect import connect_kafka
from broker.memory.broker import MemoryBroker
from broker.ports import Broker, Edge
from consumers.analyzer.__main__ import compose_on
from consumers.analyzer.analysis_process import AnalysisProcess, analysis_processes
from exchanges.candle_cache.source import CachedCandleSource
from exchanges.ccxt.source import CcxtCandleSource
from exchanges.ports import Series, Tradable
from exchanges.series import to_series
from producers.feed.producer import FeedProducer
from producers.feed.publisher import CandlePublisher
from producers.watchlist.entries import WatchlistEntry
from producers.watchlist.market_lists import KnownMarkets
from producers.watchlist.watchlist import Watchlist
from runtime import logging
from runtime.clock import SystemClock
from runtime.garbage import relax_garbage_collection
from runtime.settings import Settings
from runtime.tasks import cancel_and_wait
from schemas.market import Market, candle_end
from schemas.topics import RESULTS, TOPICS, UNCHANGED
from schemas.values import to_ms
from simulator.history.synthetic_tape import SyntheticTape
from simulator.history.tape import Window
from simulator.listings import SimulatedMarket, make_listings
from tests.support.containers import start_kafka

SYMBOLS = int(os.environ.get("STRANDLINE_BENCH_SYMBOLS", "1630"))
TIMEFRAMES = ("1m", "5m", "15m", "1h", "4h", "1d")
HOUR_MS = 1_767_628_800_000
"""2026-01-05T16:00Z: candles of five timeframes close there."""

MINUTES = 2
_WARM_SECONDS = 0.05 * SYMBOLS * len(TIMEFRAMES) / 6 + 90
"""How long before the first measured close the exchange's clock starts: time to fill the caches."""

_FULL_WEIGHT = 4
"""That of a full fetch of 2,000 candles: two calls."""

_WEIGHT = 2
"""Request weight of the light call with which polling continues a cached series."""


class TapeSource:
    """The candles of the simulated exchange without HTTP, at the exchange's time."""

    def __init__(self, offset_ms: int) -> None:
        self._tape = SyntheticTape(1, make_listings(SYMBOLS))
        self._listings = {listing.symbol: listing for listing in self._tape.listings()}
        self._offset = offset_ms
        self.calls = 0

    def now(self) -> int:
        return int(time.time() * 1_000) + self._offset

    async def candles(self, market: Market, limit: int) -> Series:
        self.calls += 1
        now = self.now()
        traded = SimulatedMarket(self._listings[market.symbol], market.market_type)
        bars = self._tape.bars(traded, market.timeframe, Window(now, limit), now)
        return to_series(bars, market.timeframe, now)

    async def candles_since(self, market: Market, since_ms: int) -> Series:
        return await self.candles(market, 100)

    async def candles_before(self, market: Market, before_ms: int, limit: int) -> Series:
        raise NotImplementedError

    async def tradables(self, exchange: str) -> Sequence[Tradable]:
        return ()

    async def close(self) -> None:
        pass


@dataclass
class Delays:
    """Seconds from a candle's close to the arrival of its result, by the exchange's clock; by close time (ms)."""

    by_close: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    quiet: int = 0
    processes_mb: float = 0.0

    async def collect(self, broker: Broker, source: TapeSource) -> None:
        async with broker.read([RESULTS.name, UNCHANGED.name], Edge.END) as reader:
            async for record in reader:
                event = json.loads(record.value or b"{}")
                opened = to_ms(datetime.fromisoformat(event["candle_at"]))
                closed = candle_end(opened, event["market"]["timeframe"])
                self.quiet += record.topic == UNCHANGED.name
                self.by_close[closed].append((source.now() - closed) / 1_000)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def run(kafka: str | None) -> tuple[Delays, TapeSource, list[dict[str, int]], float]:
    """Return the delays, the analyzer's source, the exchange's calls and the CPU seconds of the measured time."""
    port, start = free_port(), HOUR_MS - int(1_000 * _WARM_SECONDS) - MINUTES * 60_000
    arguments = ("simulator", "--port", port, "--listings", SYMBOLS, "--now", start, "--weight-limit", 10**7)
    with RunningProcess.start("strandline", *map(str, arguments)) as exchange:
        url = f"http://127.0.0.1:{port}"
        await asyncio.to_thread(await_http, f"{url}/simulator", exchange)
        async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=60) as client:
            offset = (await client.get("/api/v3/time")).json()["serverTime"] - int(time.time() * 1_000)
            source = TapeSource(offset)
            delays, cpu = await _run_roles(url, source, kafka)
            calls = (await client.get("/simulator/calls")).json()
    return delays, source, calls, cpu


async def _run_roles(url: str, source: TapeSource, kafka: str | None) -> tuple[Delays, float]:
    settings = Settings.load(exchanges=("sim",), exchange="sim", exchange_urls={"sim": url})
    clock, delays = SystemClock(), Delays()
    broker = connect_kafka(Settings.load(kafka_bootstrap=kafka)) if kafka else MemoryBroker()
    await broker.create_topics(TOPICS, partitions=12, replication=1)
    symbols = [listing.symbol for listing in make_listings(SYMBOLS) if listing.trading]
    entries = [
        WatchlistEntry(exchange="sim", market_type="spot", symbols=tuple(symbols), timeframes=TIMEFRAMES)
    ]
    cached = CachedCandleSource(source, clock, 2_000_000_000)
    async with AsyncExitStack() as stack:
        streaming = CcxtCandleSource(settings)
        stack.push_async_callback(streaming.close)
        engine = create_async_engine("sqlite+aiosqlite:///:memory:")
        stack.push_async_callback(engine.dispose)
        producer = FeedProducer(
            Watchlist(
                entries,
                role="feed",
                known=KnownMarkets(streaming, engine, ("sim",), clock),
                engine=engine,
                settings=settings,
                clock=clock,
            ),
            source=streaming,
            publisher=CandlePublisher(broker, clock, source="/bench"),
            load_published=_no_rows,
            clock=clock,
            share="1/1",
        )
        stop = asyncio.Event()
        processes = stack.enter_context(analysis_processes(1))
        tasks = [
            asyncio.create_task(delays.collect(broker, source)),
            asyncio.create_task(producer.run()),
        ]
        # The feed's own start, with its calls, is over when the caches are warm.
        await _warm(cached, symbols)
        tasks.append(asyncio.create_task(compose_on(cached, settings, broker, clock, processes).run(stop)))
        await asyncio.sleep(max(0.0, (HOUR_MS - MINUTES * 60_000 - 30_000 - source.now()) / 1_000))
        source.calls = 0
        cpu = time.process_time() + sum(map(_cpu_of, processes))
        await asyncio.sleep(max(0.0, (HOUR_MS + 45_000 - source.now()) / 1_000))
        cpu = time.process_time() + sum(map(_cpu_of, processes)) - cpu
        delays.processes_mb = sum(map(_memory_of, processes))
        stop.set()
        await cancel_and_wait(*tasks)
        await broker.close()
    return delays, cpu


def _cpu_of(process: AnalysisProcess) -> float:
    return cpu_seconds(process.pid) if process.pid is not None else 0.0


def _memory_of(process: AnalysisProcess) -> float:
    return memory_mb(process.pid) if process.pid is not None else 0.0


async def _warm(cached: CachedCandleSource, symbols: Iterable[str]) -> None:
    for symbol in symbols:
        for timeframe in TIMEFRAMES:
            await cached.candles(Market.of("sim", symbol, "spot", timeframe), 2_000)
            await asyncio.sleep(0)  # the stream is read in between


async def _no_rows(_: Sequence[Market]) -> dict[str, int]:
    return {}


def measure(*, on_kafka: bool = False) -> list[Figure]:
    """Return the seconds from close to result, REST weight beside polling, and memory."""
    relax_garbage_collection()
    logging.configure(Settings.load(log_level="WARNING"))
    with ExitStack() as stack:
        delays, source, calls, cpu = asyncio.run(run(start_kafka(stack) if on_kafka else None))
    minutes = [HOUR_MS - number * 60_000 for number in range(1, MINUTES + 1)]
    usual = [one for minute in minutes for one in delays.by_close[minute]]
    full = delays.by_close[HOUR_MS]
    measured_from = minutes[-1] - 30_000
    fed = sum(call["weight"] for call in calls if call["time_ms"] >= measured_from)
    start = sum(call["weight"] for call in calls) - fed
    weight = fed + source.calls * _FULL_WEIGHT  # the analyzer's own calls reach no simulator here
    closes = len(usual) + len(full)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 + delays.processes_mb
    return [
        _delay_figure("from close to result, a minute", usual, f"{MINUTES} minutes of {SYMBOLS:,} symbols"),
        _delay_figure("from close to result, a full hour", full, "candles of 1m to 4h close together"),
        Figure(
            "REST weight",
            "weight",
            weight,
            closes * _WEIGHT,
            ratio=closes * _WEIGHT / max(1, weight),
            note=f"for {closes:,} analyses, beside a light call for each; the start of the feed took {start:,} before",
        ),
        Figure(
            "CPU",
            "s",
            cpu,
            note=f"of the two processes, for {closes:,} analyses, {delays.quiet:,} without change",
        ),
        Figure(
            "memory",
            "MB",
            memory,
            note=f"peak of the two processes, with 2,000 candles of {SYMBOLS * 6:,} markets",
        ),
    ]


def _delay_figure(name: str, seconds: Sequence[float], what: str) -> Figure:
    if len(seconds) < 20:
        raise ValueError(f"{name}: {len(seconds)} results; the caches were not warm in time")
    p95 = quantiles(seconds, n=20)[-1]
    spread = f"median {median(seconds):.2f} s, slowest {max(seconds):.2f} s"
    return Figure(name, "s", p95, note=f"95th percentile; {spread}, {len(seconds):,} results; {what}")


if __name__ == "__main__":
    for figure in measure():
        print(f"{figure.name}: {figure.value:,.2f} {figure.unit} ({figure.note})")
