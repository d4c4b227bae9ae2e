"""The notifier's composition root: `strandline notifier`, and a role inside `strandline up` where it is configured."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, TypedDict

import structlog

from broker.consumer.loop import ConsumerLoop
from broker.dead_letters.limit import DeadLetterLimit
from broker.health import serve_consumer_health
from consumers.notifier.handler import Notifier
from consumers.notifier.target_board import TargetBoard
from consumers.notifier.targets import is_configured, open_level_webhooks, open_targets
from producers.role_process import RoleProcess, role_process
from runtime.clock import Clock
from runtime.settings import Settings
from runtime.tasks import cancel_and_wait
from schemas.topics import GROUP_TOPICS, LEVEL_NOTIFIER_GROUP, NOTIFIER_GROUP

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from consumers.notifier.level_delivery import IncomingLevelEvent, Subscription

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
        levels = open_level_webhooks(settings, clock, stack) if settings.level_webhooks else []
        board = TargetBoard([*targets, *(each.target for each in levels)], engine, clock)
        await board.restore()
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
            deadline=notifier.deadline,
            **_loop_settings(process),
        )
        loops = [_run_loop(loop, NOTIFIER_GROUP, process)]
        if levels:
            loop_of_levels = _open_level_loop(process, levels, engine, board.note)
            loops.append(_run_loop(loop_of_levels, LEVEL_NOTIFIER_GROUP, process))
        await _run_all(loops)


async def _run_all(loops: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Run the loops until all have ended. The error of one ends the others, and is raised as it is."""
    try:
        async with asyncio.TaskGroup() as group:
            for each in loops:
                group.create_task(each)
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from errors


def _open_level_loop(
    process: RoleProcess,
    subscriptions: "Sequence[Subscription]",
    engine: "AsyncEngine | None",
    on_outcome: Callable[[str, str | None], None],
) -> "ConsumerLoop[IncomingLevelEvent]":
    """Return a loop of its own, so that events of levels hold up no fire."""
    from consumers.notifier.level_delivery import LevelNotifier  # noqa: PLC0415
    from consumers.notifier.level_touches import LevelTouches  # noqa: PLC0415

    within = process.settings.notify_within
    notifier = LevelNotifier(
        subscriptions, LevelTouches(engine), clock=process.clock, within=within, on_outcome=on_outcome
    )
    return ConsumerLoop(
        process.broker,
        LEVEL_NOTIFIER_GROUP,
        GROUP_TOPICS[LEVEL_NOTIFIER_GROUP],
        decode=notifier.decode,
        ordering_key=notifier.ordering_key,
        handle=notifier.handle,
        deadline=notifier.deadline,
        **_loop_settings(process),
    )


class _LoopSettings(TypedDict):
    concurrency: int
    window: int
    drain_timeout: float
    dead_letter_limit: DeadLetterLimit
    exit_on_flood: bool
    clock: Clock


def _loop_settings(process: RoleProcess) -> _LoopSettings:
    settings = process.settings
    return {
        "concurrency": _MAX_WAITING,
        "window": max(settings.partition_window, _WINDOW),
        "drain_timeout": settings.drain_timeout,
        "dead_letter_limit": DeadLetterLimit(settings.flood_consecutive, settings.flood_ratio),
        "exit_on_flood": settings.exit_on_flood,
        "clock": process.clock,
    }


async def _run_loop(loop: ConsumerLoop[Any], group: str, process: RoleProcess) -> None:
    health = serve_consumer_health(
        process.health,
        group,
        lambda: loop.state,
        process.clock,
        lag=loop.lag,
        lag_seconds=loop.lag_seconds,
    )
    with health:
        await loop.run(process.stop)


async def main(settings: Settings) -> None:
    """Run the notifier as a process of its own."""
    if not is_configured(settings):
        _log.warning(
            "notify.nowhere",
            hint="set STRANDLINE_NOTIFY_URLS (apprise), STRANDLINE_WEBHOOK_URLS, STRANDLINE_LEVEL_WEBHOOKS or "
            "STRANDLINE_VAPID_PRIVATE_KEY",
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
