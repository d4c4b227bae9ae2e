"""The analyzer's composition root: `strandline analyzer`, and one of the roles inside `strandline up`."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager

from broker.consumer.loop import ConsumerLoop
from broker.dead_letters.limit import DeadLetterLimit
from broker.health import serve_consumer_health
from broker.outages import Outages
from broker.ports import Broker
from consumers.analyzer.analysis_process import AnalysisProcess, analysis_processes
from consumers.analyzer.decode import Incoming
from consumers.analyzer.handler import Analyzer
from exchanges.candle_cache.changes import SeriesStore, flush_regularly
from exchanges.candle_cache.journal import SeriesJournal
from exchanges.candle_cache.shared_series import SharedSeries, open_shared_series
from exchanges.candle_cache.source import CachedCandleSource
from exchanges.ccxt.source import CcxtCandleSource
from exchanges.ports import CandleSource
from producers.role_process import RoleProcess, role_process
from runtime.clock import Clock
from runtime.settings import Settings
from runtime.tasks import cancel_and_wait
from schemas.topics import ANALYZER_GROUP, GROUP_TOPICS

_MAX_WAITING = 1_000_000
"""Records handled at once. The analyzer bounds its fetches, and the window of each partition what waits for them."""

_MAX_CLOSES = 100
"""Closed candles of one market, in a backlog, that one analysis covers."""


def compose(settings: Settings, broker: Broker, source: CandleSource, clock: Clock) -> ConsumerLoop[Incoming]:
    """Build the loop of requests and closes. The candles of `source` are cached; it stays the caller's to close."""
    cached = CachedCandleSource(source, clock, settings.candle_cache_mb * 1_000_000)
    return compose_on(cached, settings, broker, clock)


def compose_on(
    cached: CachedCandleSource,
    settings: Settings,
    broker: Broker,
    clock: Clock,
    processes: Sequence[AnalysisProcess] = (),
) -> ConsumerLoop[Incoming]:
    """Build the loop of requests and closes on a cache of candles; it stays the caller's to close."""
    outages = Outages(clock)
    analyzer = Analyzer(
        broker=broker,
        source=cached,
        joiner=cached,
        clock=clock,
        exchange=settings.exchange,
        concurrency=settings.analyzer_concurrency,
        outages=outages,
        publish_every=settings.publish_every_closes,
        processes=processes,
    )
    return ConsumerLoop(
        broker,
        ANALYZER_GROUP,
        GROUP_TOPICS[ANALYZER_GROUP],
        decode=analyzer.decode,
        ordering_key=analyzer.ordering_key,
        handle=analyzer.handle,
        concurrency=_MAX_WAITING,
        batch_limit=_MAX_CLOSES,
        window=settings.partition_window,
        drain_timeout=settings.drain_timeout,
        dead_letter_limit=DeadLetterLimit(settings.flood_consecutive, settings.flood_ratio),
        exit_on_flood=settings.exit_on_flood,
        deadline=analyzer.deadline,
        clock=clock,
        outages=outages,
    )


async def run(process: RoleProcess, source: CandleSource) -> None:
    """Answer requests until the process stops, then finish what is in flight, within the drain timeout."""
    settings, clock = process.settings, process.clock
    journal = SeriesJournal(settings.series_file, clock) if settings.series_file is not None else None
    shared = open_shared_series(settings, clock)
    cached = CachedCandleSource(source, clock, settings.candle_cache_mb * 1_000_000, journal, shared)
    with analysis_processes(settings.analyzer_processes) as processes:
        loop = compose_on(cached, settings, process.broker, clock, processes)
        with _serve_health(process, loop):
            async with keep_series(cached, journal, shared, clock):
                await loop.run(process.stop)


@asynccontextmanager
async def keep_series(
    cached: CachedCandleSource, journal: SeriesJournal | None, shared: SharedSeries | None, clock: Clock
) -> AsyncIterator[None]:
    """Start with the candles of the journal, and keep those that are cached in it and in the shared series."""
    async with AsyncExitStack() as stack:
        if journal is not None:
            await cached.load()
            await stack.enter_async_context(_flushing(journal, clock))
        if shared is not None:
            stack.push_async_callback(shared.close)
            await stack.enter_async_context(_flushing(shared, clock))
        yield


@asynccontextmanager
async def _flushing(store: SeriesStore, clock: Clock) -> AsyncIterator[None]:
    writing = asyncio.create_task(flush_regularly(store, clock))
    try:
        yield
    finally:
        await cancel_and_wait(writing)
        await store.flush()


def _serve_health(process: RoleProcess, loop: ConsumerLoop[Incoming]) -> AbstractContextManager[None]:
    return serve_consumer_health(
        process.health,
        ANALYZER_GROUP,
        lambda: loop.state,
        process.clock,
        lag=loop.lag,
        lag_seconds=loop.lag_seconds,
    )


async def main(settings: Settings) -> None:
    """Run an analyzer as a process of its own."""
    async with role_process(settings, "analyzer") as process, CcxtCandleSource(settings) as source:
        await run(process, source)


if __name__ == "__main__":
    asyncio.run(main(Settings.load()))
