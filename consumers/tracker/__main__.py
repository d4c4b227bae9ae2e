"""The tracker's composition root: `strandline tracker`, and one of the roles inside `strandline up`."""

import asyncio

from sqlalchemy.ext.asyncio import AsyncEngine

from broker.consumer.loop import ConsumerLoop
from broker.dead_letters.limit import DeadLetterLimit
from broker.health import serve_consumer_health
from broker.outages import Outages
from consumers.tracker.decode import Incoming
from consumers.tracker.handler import Tracker
from producers.role_process import RoleProcess, role_process
from runtime.settings import Settings
from schemas.topics import GROUP_TOPICS, TRACKER_GROUP
from storage.database import database_engine, is_reachable

_BATCH_LIMIT = 500
"""Results and prices of one batch: as many as one poll returns."""


async def run(process: RoleProcess, engine: AsyncEngine) -> None:
    """Publish the events of levels until the process stops, then finish what is in flight, within the drain timeout."""
    settings, broker, clock = process.settings, process.broker, process.clock
    outages = Outages(clock)
    tracker = Tracker(broker=broker, engine=engine, clock=clock, outages=outages)
    loop: ConsumerLoop[Incoming] = ConsumerLoop(
        broker,
        TRACKER_GROUP,
        GROUP_TOPICS[TRACKER_GROUP],
        decode=tracker.decode,
        ordering_key=tracker.ordering_key,
        handle=tracker.handle,
        on_assigned=tracker.on_assigned,
        batch_limit=_BATCH_LIMIT,
        window=max(settings.partition_window, 2 * _BATCH_LIMIT),
        drain_timeout=settings.drain_timeout,
        dead_letter_limit=DeadLetterLimit(settings.flood_consecutive, settings.flood_ratio),
        exit_on_flood=settings.exit_on_flood,
        clock=clock,
        outages=outages,
    )
    with serve_consumer_health(
        process.health,
        TRACKER_GROUP,
        lambda: loop.state,
        clock,
        lambda: is_reachable(engine, 2.0),
        lag=loop.lag,
        lag_seconds=loop.lag_seconds,
    ):
        await loop.run(process.stop)


async def main(settings: Settings) -> None:
    """Run a tracker as a process of its own."""
    async with role_process(settings, "tracker") as process, database_engine(settings) as engine:
        await run(process, engine)


if __name__ == "__main__":
    asyncio.run(main(Settings.load()))
