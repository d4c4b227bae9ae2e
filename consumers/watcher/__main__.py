"""The watcher's composition root: `strandline watcher`, and one of the roles inside `strandline up`."""

import asyncio

from sqlalchemy.ext.asyncio import AsyncEngine

from broker.consumer.loop import ConsumerLoop
from broker.dead_letters.limit import DeadLetterLimit
from broker.health import serve_consumer_health
from broker.outages import Outages
from consumers.watcher.decode import IncomingPrice
from consumers.watcher.handler import Watcher
from exchanges.ccxt.source import CcxtCandleSource
from producers.role_process import RoleProcess, role_process
from runtime.settings import Settings
from runtime.tasks import cancel_and_wait, wait_first
from schemas.topics import GROUP_TOPICS, WATCHER_GROUP
from storage.database import database_engine, is_reachable

_BATCH_LIMIT = 500
"""Prices of one batch: as many as one poll returns."""


_MAX_SILENCE = 15.0
"""Seconds, beside the interval of polls, without a price of a market: unchanged ones are repeated every 10 s."""


async def run(process: RoleProcess, engine: AsyncEngine, source: CcxtCandleSource) -> None:
    """Evaluate watches by prices until the process stops, then finish what is in flight, within the drain timeout."""
    settings, broker, clock = process.settings, process.broker, process.clock
    outages = Outages(clock)
    watcher = Watcher(
        broker=broker,
        engine=engine,
        clock=clock,
        candles=source,
        max_silence=_MAX_SILENCE + settings.prices_interval,
        report_after=settings.blind_report_after,
        blind_after=settings.blind_after,
        outages=outages,
    )
    loop: ConsumerLoop[IncomingPrice] = ConsumerLoop(
        broker,
        WATCHER_GROUP,
        GROUP_TOPICS[WATCHER_GROUP],
        decode=watcher.decode,
        ordering_key=watcher.ordering_key,
        handle=watcher.handle,
        on_assigned=watcher.on_assigned,
        batch_limit=_BATCH_LIMIT,
        window=max(settings.partition_window, 2 * _BATCH_LIMIT),
        drain_timeout=settings.drain_timeout,
        dead_letter_limit=DeadLetterLimit(settings.flood_consecutive, settings.flood_ratio),
        exit_on_flood=settings.exit_on_flood,
        clock=clock,
        outages=outages,
    )
    following = asyncio.create_task(watcher.follow_table(), name="follow watches")
    checking = asyncio.create_task(watcher.follow_candles(), name="check candles of watches")
    stopping = asyncio.Event()
    consuming = asyncio.create_task(loop.run(stopping), name="watch prices")
    try:
        with serve_consumer_health(
            process.health,
            WATCHER_GROUP,
            lambda: loop.state,
            clock,
            lambda: is_reachable(engine, 2.0),
            lag=loop.lag,
            lag_seconds=loop.lag_seconds,
        ):
            await wait_first(process.stop.wait(), following, checking, consuming)
            await cancel_and_wait(following, checking)
            stopping.set()
            await consuming
    finally:
        await cancel_and_wait(following, checking, consuming)
    for task in (following, checking):
        if not task.cancelled():
            task.result()


async def main(settings: Settings) -> None:
    """Run a watcher as a process of its own."""
    async with (
        role_process(settings, "watcher") as process,
        database_engine(settings) as engine,
        CcxtCandleSource(settings) as source,
    ):
        await run(process, engine, source)


if __name__ == "__main__":
    asyncio.run(main(Settings.load()))
