"""The notifier's composition root: `strandline notifier`, and a role inside `strandline up` where it is configured."""

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import structlog

from broker.consumer.loop import ConsumerLoop
from broker.dead_letters.limit import DeadLetterLimit
from broker.health import serve_consumer_health
from consumers.notifier.handler import Notifier
from consumers.notifier.target_board import TargetBoard
from consumers.notifier.targets import is_configured, open_targets
from producers.role_process import RoleProcess, role_process
from runtime.settings import Settings
from runtime.tasks import cancel_and_wait
from schemas.topics import GROUP_TOPICS, NOTIFIER_GROUP

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

_log = structlog.get_logger(__name__)

# A delivery waits for its target only; the window bounds how many wait at once.
_MAX_WAITING = 1_000_000
_WINDOW = 10_000
"""Fires of one partition that may wait for an unreachable target before the partition is paused."""


async def run(process: RoleProcess, engine: "AsyncEngine | None" = None) -> None:
    """Deliver fires until the process stops, then finish what is in flight, within the drain timeout.

    Without targets it still consumes, so that a target configured later gets no old fires. Raises
    ConfigurationError for a target that is invalid. `engine`: where the targets are reported; None for nowhere.
    """
    settings, broker, clock = process.settings, process.broker, process.clock
    async with AsyncExitStack() as stack:
        targets = await open_targets(settings, clock, stack, engine)
        board = TargetBoard(targets, engine, clock)
        following = asyncio.create_task(board.follow(), name="notification targets")
        stack.push_async_callback(cancel_and_wait, following)
        notifier = Notifier(
            targets,
            broker=broker,
            clock=clock,
            within=settings.notify_within,
            types=settings.notify_events,
            on_outcome=board.note,
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
        _log.warning(
            "notify.nowhere",
            hint="set STRANDLINE_NOTIFY_URLS (apprise), STRANDLINE_WEBHOOK_URLS or STRANDLINE_VAPID_PRIVATE_KEY",
        )
    async with role_process(settings, "notifier") as process, AsyncExitStack() as stack:
        await run(process, _open_database(settings, stack))


def _open_database(settings: Settings, stack: AsyncExitStack) -> "AsyncEngine | None":
    """Return the database that `stack` closes; None where the settings name none."""
    if settings.database_url is None:
        return None
    from storage.database import open_database  # noqa: PLC0415

    engine = open_database(settings.require_database_url())
    stack.push_async_callback(engine.dispose)
    return engine


if __name__ == "__main__":
    asyncio.run(main(Settings.load()))
