"""The notifier's composition root: `strandline notifier`, and a role inside `strandline up` where it is configured."""

import asyncio
from contextlib import AsyncExitStack

import structlog

from broker.consumer.loop import ConsumerLoop
from broker.dead_letters.limit import FloodLimit
from broker.health import watched
from broker.kafka.broker import KafkaBroker
from broker.ports import Broker
from consumers.notifier.handler import Notifier
from consumers.notifier.targets import is_configured, open_targets
from runtime import logging
from runtime.clock import SystemClock
from runtime.lifecycle import stop_on_signals
from runtime.settings import Settings
from runtime.trace_export import exporting
from schemas.topics import CONSUMED, NOTIFIER_GROUP

__all__ = ["is_configured", "main", "run"]

_log = structlog.get_logger(__name__)

# A delivery waits for its target only; the window bounds how many wait at once.
_MAX_WAITING = 1_000_000
_WINDOW = 10_000
"""Fires of one partition that may wait for an unreachable target before the partition is paused."""


async def run(settings: Settings, broker: Broker, stop: asyncio.Event) -> None:
    """Deliver until `stop` is set, then finish what is in flight, within the drain timeout.

    Without targets it still consumes, so that a target configured later gets no old fires. Raises
    ConfigurationError for a target that is invalid.
    """
    clock = SystemClock()
    if not is_configured(settings):
        _log.warning("notify.nowhere", hint="set STRANDLINE_NOTIFY_URLS (apprise) or STRANDLINE_WEBHOOK_URLS")
    async with AsyncExitStack() as stack:
        notifier = Notifier(
            await open_targets(settings, clock, stack),
            broker=broker,
            clock=clock,
            within=settings.notify_within,
        )
        loop = ConsumerLoop(
            broker,
            NOTIFIER_GROUP,
            CONSUMED[NOTIFIER_GROUP],
            decode=notifier.decode,
            lane=notifier.lane,
            handle=notifier.handle,
            concurrency=_MAX_WAITING,
            window=max(settings.partition_window, _WINDOW),
            drain_timeout=settings.drain_timeout,
            flood_limit=FloodLimit(settings.flood_consecutive, settings.flood_ratio),
            exit_on_flood=settings.exit_on_flood,
            deadline=notifier.deadline,
            clock=clock,
        )
        await stack.enter_async_context(
            watched(settings, NOTIFIER_GROUP, lambda: loop.state, clock, lag=loop.lag)
        )
        await loop.run(stop)


async def main(settings: Settings) -> None:
    """The process: Kafka, the targets, signals."""
    logging.configure(settings)
    settings.required_kafka_bootstrap()
    async with AsyncExitStack() as stack:
        stack.enter_context(exporting(settings, "notifier"))
        broker = KafkaBroker(settings)
        stack.push_async_callback(broker.close)
        await run(settings, broker, await stack.enter_async_context(stop_on_signals()))


if __name__ == "__main__":
    asyncio.run(main(Settings.load()))
