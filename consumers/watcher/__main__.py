"""The watcher's composition root: `strandline watcher`, and one of the roles inside `strandline up`."""

import asyncio
from contextlib import AsyncExitStack

from sqlalchemy.ext.asyncio import AsyncEngine

from broker.consumer.loop import ConsumerLoop
from broker.dead_letters.limit import FloodLimit
from broker.health import watched
from broker.kafka.broker import KafkaBroker
from broker.outages import Outages
from broker.ports import Broker
from consumers.watcher.handler import Watcher
from consumers.watcher.intake import Told
from runtime import logging
from runtime.clock import SystemClock
from runtime.lifecycle import stop_on_signals
from runtime.settings import Settings
from runtime.tasks import cancel_and_wait, wait_first
from runtime.trace_export import exporting
from schemas.topics import CONSUMED, WATCHER_GROUP
from storage.database import open_database, reachable

_BATCH = 500
"""Prices dealt with in one go: as many as a poll brings."""


async def run(settings: Settings, broker: Broker, engine: AsyncEngine, stop: asyncio.Event) -> None:
    """Measure prices by watches until `stop` is set, then finish what is in flight, within the drain timeout."""
    clock = SystemClock()
    outages = Outages(clock)
    watcher = Watcher(broker=broker, engine=engine, clock=clock, outages=outages)
    loop: ConsumerLoop[Told] = ConsumerLoop(
        broker,
        WATCHER_GROUP,
        CONSUMED[WATCHER_GROUP],
        decode=watcher.decode,
        lane=watcher.lane,
        handle=watcher.handle,
        on_assigned=watcher.assigned,
        batch_limit=_BATCH,
        window=max(settings.partition_window, 2 * _BATCH),
        drain_timeout=settings.drain_timeout,
        flood_limit=FloodLimit(settings.flood_consecutive, settings.flood_ratio),
        exit_on_flood=settings.exit_on_flood,
        clock=clock,
        outages=outages,
    )
    following = asyncio.create_task(watcher.follow(), name="follow watches")
    stopping = asyncio.Event()
    consuming = asyncio.create_task(loop.run(stopping), name="watch prices")
    try:
        async with watched(
            settings, WATCHER_GROUP, lambda: loop.state, clock, lambda: reachable(engine, 2.0), lag=loop.lag
        ):
            await wait_first(stop.wait(), following, consuming)
            await cancel_and_wait(following)
            stopping.set()
            await consuming
    finally:
        await cancel_and_wait(following, consuming)
    if not following.cancelled():
        following.result()


async def main(settings: Settings) -> None:
    """The process: Kafka, the database, signals."""
    logging.configure(settings)
    settings.required_kafka_bootstrap()
    async with AsyncExitStack() as stack:
        stack.enter_context(exporting(settings, "watcher"))
        engine = open_database(settings.required_database_url())
        stack.push_async_callback(engine.dispose)
        broker = KafkaBroker(settings)
        stack.push_async_callback(broker.close)
        await run(settings, broker, engine, await stack.enter_async_context(stop_on_signals()))


if __name__ == "__main__":
    asyncio.run(main(Settings.load()))
