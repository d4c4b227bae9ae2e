"""The notifier's composition root: `strandline notifier`, and a role inside `strandline up` where it is configured."""

import asyncio
from contextlib import AsyncExitStack

import structlog

from broker.consumer.loop import ConsumerLoop
from broker.dead_letters.limit import DeadLetterLimit
from broker.health import serve_consumer_health
from consumers.notifier.handler import Notifier
from consumers.notifier.targets import is_configured, open_targets
from producers.role_process import RoleProcess, role_process
from runtime.settings import Settings
from schemas.topics import GROUP_TOPICS, NOTIFIER_GROUP

_log = structlog.get_logger(__name__)

# A delivery waits for its target only; the window bounds how many wait at once.
_MAX_WAITING = 1_000_000
_WINDOW = 10_000
"""Fires of one partition that may wait for an unreachable target before the partition is paused."""


async def run(process: RoleProcess) -> None:
    """Deliver fires until the process stops, then finish what is in flight, within the drain timeout.

    Without targets it still consumes, so that a target configured later gets no old fires. Raises
    ConfigurationError for a target that is invalid.
    """
    settings, broker, clock = process.settings, process.broker, process.clock
    async with AsyncExitStack() as stack:
        notifier = Notifier(
            await open_targets(settings, clock, stack),
            broker=broker,
            clock=clock,
            within=settings.notify_within,
            types=settings.notify_events,
        )
        loop = ConsumerLoop(
            broker,
            NOTIFIER_GROUP,
            GROUP_TOPICS[NOTIFIER_GROUP],
            decode=notifier.decode,
            ordering_key=notifier.ordering_key,
            handle=notifier.handle,
            concurrency=_MAX_WAITING,
            window=max(settings.partition_window, _WINDOW),
            drain_timeout=settings.drain_timeout,
            dead_letter_limit=DeadLetterLimit(settings.flood_consecutive, settings.flood_ratio),
            exit_on_flood=settings.exit_on_flood,
            deadline=notifier.deadline,
            clock=clock,
        )
        stack.enter_context(
            serve_consumer_health(
                process.health,
                NOTIFIER_GROUP,
                lambda: loop.state,
                clock,
                lag=loop.lag,
                lag_seconds=loop.lag_seconds,
            )
        )
        await loop.run(process.stop)


async def main(settings: Settings) -> None:
    """Run the notifier as a process of its own."""
    if not is_configured(settings):
        _log.warning("notify.nowhere", hint="set STRANDLINE_NOTIFY_URLS (apprise) or STRANDLINE_WEBHOOK_URLS")
    async with role_process(settings, "notifier") as process:
        await run(process)


if __name__ == "__main__":
    asyncio.run(main(Settings.load()))
