"""The sink's composition root: `strandline sink`, and one of the roles inside `strandline up`."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncEngine

from broker.consumer.loop import ConsumerLoop
from broker.dead_letters.limit import DeadLetterLimit
from broker.health import serve_consumer_health
from broker.outages import Outages
from consumers.sink.decode import TOPICS, SinkEvent
from consumers.sink.freshness import follow_freshness
from consumers.sink.handler import Sink
from consumers.sink.invalidation import CacheInvalidation
from consumers.sink.job_expiry import JobExpiry
from consumers.sink.pruning import Pruner
from producers.role_process import RoleProcess, role_process
from runtime.clock import Clock
from runtime.settings import Settings
from runtime.tasks import cancel_and_wait
from schemas.topics import SINK_GROUP
from storage.database import database_engine, is_reachable
from storage.response_cache import ResponseCache, open_response_cache


async def run(process: RoleProcess, engine: AsyncEngine) -> None:
    """Write events to the tables until the process stops, then finish what is in flight, within the drain timeout."""
    settings, broker, clock = process.settings, process.broker, process.clock
    cache = open_response_cache(settings.redis_url, clock, settings.cache_seconds)
    invalidation, outages = CacheInvalidation(cache, clock), Outages(clock)
    dead_letter_limit = DeadLetterLimit(settings.flood_consecutive, settings.flood_ratio)
    sink = Sink(
        engine=engine,
        broker=broker,
        clock=clock,
        exchange=settings.exchange,
        invalidation=invalidation,
        outages=outages,
        dead_letter_limit=dead_letter_limit,
    )
    pruner = Pruner(
        engine,
        clock,
        history_days=settings.history_days,
        jobs_days=settings.jobs_days,
        level_events_days=settings.level_events_days,
    )

    async def handle(batch: Sequence[SinkEvent]) -> None:
        await sink.handle(batch)
        await pruner.prune_if_due()

    loop = ConsumerLoop(
        broker,
        SINK_GROUP,
        TOPICS,
        decode=sink.decode,
        ordering_key=sink.ordering_key,
        handle=handle,
        batch_limit=settings.sink_batch,
        linger=settings.sink_linger,
        # Large enough that a full batch is already fetched.
        window=max(settings.partition_window, 2 * settings.sink_batch),
        drain_timeout=settings.drain_timeout,
        dead_letter_limit=dead_letter_limit,
        exit_on_flood=settings.exit_on_flood,
        clock=clock,
        outages=outages,
    )
    expiry = JobExpiry(engine, broker, clock)
    async with _run_background_tasks(engine, clock, invalidation, cache, expiry, settings.blind_after):
        with serve_consumer_health(
            process.health,
            SINK_GROUP,
            lambda: loop.state,
            clock,
            lambda: is_reachable(engine, 2.0),
            lag=loop.lag,
            lag_seconds=loop.lag_seconds,
        ):
            await loop.run(process.stop)


@asynccontextmanager
async def _run_background_tasks(
    engine: AsyncEngine,
    clock: Clock,
    invalidation: CacheInvalidation,
    cache: ResponseCache | None,
    expiry: JobExpiry,
    blind_after: float,
) -> AsyncIterator[None]:
    """Run invalidation, gauges and expiry beside the loop; at the end flush what is pending and close the cache."""
    tasks = [
        asyncio.create_task(invalidation.run(), name="invalidation"),
        asyncio.create_task(follow_freshness(engine, clock, blind_after), name="freshness"),
        asyncio.create_task(expiry.run(), name="job expiry"),
    ]
    try:
        yield
    finally:
        await cancel_and_wait(*tasks)
        await invalidation.flush()
        if cache is not None:
            await cache.close()


async def main(settings: Settings) -> None:
    """Run the sink as a process of its own."""
    async with role_process(settings, "sink") as process, database_engine(settings) as engine:
        await run(process, engine)


if __name__ == "__main__":
    asyncio.run(main(Settings.load()))
