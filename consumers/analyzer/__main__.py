"""The analyzer's composition root: `strandline analyzer`, and one of the roles inside `strandline up`."""

import asyncio
from contextlib import AsyncExitStack

from broker.consumer.loop import ConsumerLoop
from broker.dead_letters.limit import FloodLimit
from broker.health import watched
from broker.kafka.broker import KafkaBroker
from broker.outages import Outages
from broker.ports import Broker
from consumers.analyzer.decode import Incoming
from consumers.analyzer.handler import Analyzer
from exchanges.candle_cache.source import CachedCandleSource
from exchanges.ccxt.source import CcxtCandleSource
from exchanges.ports import CandleSource
from runtime import logging
from runtime.clock import Clock, SystemClock
from runtime.lifecycle import stop_on_signals
from runtime.settings import Settings
from runtime.trace_export import exporting
from schemas.topics import ANALYZER_GROUP, REQUESTS

# The analyzer bounds its fetches, and the window what waits for them: no market holds up another.
_MOST_WAITING = 1_000_000


def compose(settings: Settings, broker: Broker, source: CandleSource, clock: Clock) -> ConsumerLoop[Incoming]:
    """The loop that answers requests. What `source` brings is kept in memory; it stays the caller's to close."""
    outages = Outages(clock)
    analyzer = Analyzer(
        broker=broker,
        source=CachedCandleSource(source, clock, settings.candle_cache_mb * 1_000_000),
        clock=clock,
        exchange=settings.exchange,
        concurrency=settings.analyzer_concurrency,
        outages=outages,
    )
    return ConsumerLoop(
        broker,
        ANALYZER_GROUP,
        [REQUESTS.name],
        decode=analyzer.decode,
        lane=analyzer.ordering_key,
        handle=analyzer.handle,
        concurrency=_MOST_WAITING,
        window=settings.partition_window,
        drain_timeout=settings.drain_timeout,
        flood_limit=FloodLimit(settings.flood_consecutive, settings.flood_ratio),
        exit_on_flood=settings.exit_on_flood,
        deadline=analyzer.deadline,
        clock=clock,
        outages=outages,
    )


async def run(settings: Settings, broker: Broker, source: CandleSource, stop: asyncio.Event) -> None:
    """Answer requests until `stop` is set, then finish what is in flight, within the drain timeout."""
    clock = SystemClock()
    loop = compose(settings, broker, source, clock)
    async with watched(settings, ANALYZER_GROUP, lambda: loop.state, clock, lag=loop.lag):
        await loop.run(stop)


async def main(settings: Settings) -> None:
    """The process: Kafka, the exchanges, signals."""
    logging.configure(settings)
    settings.required_kafka_bootstrap()
    async with AsyncExitStack() as stack:
        stack.enter_context(exporting(settings, "analyzer"))
        broker = KafkaBroker(settings)
        stack.push_async_callback(broker.close)
        source = CcxtCandleSource(settings)
        stack.push_async_callback(source.close)
        await run(settings, broker, source, await stack.enter_async_context(stop_on_signals()))


if __name__ == "__main__":
    asyncio.run(main(Settings.load()))
