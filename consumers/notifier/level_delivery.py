"""Deliver the events of levels to the webhooks whose filters want them; what is not accepted in time is dropped.

Nothing goes to the dead letters: a replay would repeat the event to every subscriber of the topic. The table has it.
"""

import asyncio
import random
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from pydantic import ValidationError

from broker.ports import Record
from consumers.event_types import check_event_type
from consumers.notifier.delivery import deliver
from consumers.notifier.level_filter import LevelFilter
from consumers.notifier.level_touches import LevelTouches
from consumers.notifier.message_text import Notification
from consumers.notifier.targets import EndableTarget
from runtime import metrics
from runtime.clock import Clock
from runtime.errors import Malformed
from schemas.level_events import AnyLevelEvent, read_level_event
from schemas.requests import format_validation_error

MAX_SECONDS = 300.0
"""An event older than this is not delivered, however long fires are: a level that price has left is no news."""
_KIND = "level_webhook"


class LevelTarget(EndableTarget, Protocol):
    """An EndableTarget that takes events of levels as well."""

    async def send(self, event: Notification | AnyLevelEvent) -> None: ...


@dataclass(frozen=True, slots=True)
class Subscription:
    """A target, and which events it wants."""

    target: LevelTarget
    filter: LevelFilter


@dataclass(frozen=True, slots=True)
class IncomingLevelEvent:
    """A record and its event, which is undeliverable after `deadline`; None for one that no subscription wants.

    `touches`: visits to the level, None if the event does not have them and no event before it had.
    """

    record: Record
    event: AnyLevelEvent | None
    deadline: datetime
    touches: int | None = None


class LevelNotifier:
    """Decodes and handles events of levels for the consumer loop; `within`: seconds that they are delivered for.

    `on_outcome` receives the name of each target and why it was abandoned. At least once and unordered, as fires are.
    """

    def __init__(
        self,
        subscriptions: Sequence[Subscription],
        touches: LevelTouches,
        *,
        clock: Clock,
        within: float,
        on_outcome: Callable[[str, str | None], None] = lambda _name, _error: None,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._subscriptions = subscriptions
        self._touches = touches
        self._clock = clock
        self._within = timedelta(seconds=min(within, MAX_SECONDS))
        self._on_outcome = on_outcome
        self._draw = draw

    def decode(self, record: Record) -> IncomingLevelEvent:
        """Decode a record, but for one that is too old. Raises Malformed, UnknownEventType."""
        now = self._clock.now()
        deadline = record.sent_at_or(now) + self._within
        if record.value is None or deadline <= now:
            metrics.NOTIFICATIONS.labels(_KIND, "too_late").inc()
            return IncomingLevelEvent(record, None, deadline)
        check_event_type(record.headers)
        event = _read(record.value)
        touches = self._touches.note(event)
        is_wanted = any(each.filter.wants(event) for each in self._subscriptions)
        return IncomingLevelEvent(record, event if is_wanted else None, deadline, touches)

    def ordering_key(self, item: IncomingLevelEvent) -> Hashable:
        """Give every record its own key: an unreachable target holds up no later event."""
        return item.record.source, item.record.offset

    def deadline(self, item: IncomingLevelEvent) -> datetime:
        return item.deadline

    async def handle(self, batch: Sequence[IncomingLevelEvent]) -> None:
        """Return once each event was delivered to the targets that want it, or abandoned."""
        for item in batch:
            if item.event is not None:
                await self._deliver(item, item.event)

    async def _deliver(self, item: IncomingLevelEvent, event: AnyLevelEvent) -> None:
        targets = await self._choose_targets(item, event)
        left = (item.deadline - self._clock.now()).total_seconds()
        async with asyncio.TaskGroup() as group:
            for target in targets:
                group.create_task(self._deliver_to(target, event, left))

    async def _deliver_to(self, target: LevelTarget, event: AnyLevelEvent, left: float) -> None:
        error = await deliver(target, event, left=left, clock=self._clock, draw=self._draw)
        self._on_outcome(target.name, error)

    async def _choose_targets(self, item: IncomingLevelEvent, event: AnyLevelEvent) -> list[LevelTarget]:
        wanting = self._choose_subscriptions(event)
        touches = item.touches
        if touches is None and any(each.filter.min_touches is not None for each in wanting):
            touches = await self._touches.find(event)
        return [each.target for each in wanting if each.filter.wants_touches(touches)]

    def _choose_subscriptions(self, event: AnyLevelEvent) -> list[Subscription]:
        """Return those that want `event`, whatever its visits; those whose target is gone are counted and left out."""
        wanting = [each for each in self._subscriptions if each.filter.wants(event)]
        there = [each for each in wanting if each.target.gone_at is None]
        if gone := len(wanting) - len(there):
            # Without a line in the log, which has `notify.target_gone`: these events come every second.
            metrics.NOTIFICATIONS.labels(_KIND, "gone").inc(gone)
        return there


def _read(value: bytes) -> AnyLevelEvent:
    try:
        return read_level_event(value)
    except ValidationError as error:
        raise Malformed(f"no level event: {format_validation_error(error)}") from None
    except OverflowError:  # a time at the edge of the calendar, converted to UTC
        raise Malformed("no level event: a time is out of range") from None
