"""Deliver each fire to every target independently; what cannot be delivered goes to the dead letters."""

import asyncio
import random
from collections.abc import Callable, Collection, Hashable, Sequence
from datetime import datetime

import structlog

from broker.dead_letters.publisher import DeadLetterPublisher, UnprocessableRecord
from broker.ports import Broker, Record
from consumers.notifier.audience import choose_audience
from consumers.notifier.decode import IncomingEvent, decode_watch_event
from consumers.notifier.delivery import deliver
from consumers.notifier.message_text import Notification
from consumers.notifier.notices import SightNotices
from consumers.notifier.targets import Target
from runtime import metrics
from runtime.clock import Clock
from schemas.topics import DEAD_LETTERS

_log = structlog.get_logger(__name__)


class Notifier:
    """Decodes and handles fires for the consumer loop. `within`: seconds after which a fire is no longer delivered.

    `types`: of the events that are delivered. `on_outcome` receives the name of each target and why it was abandoned.
    At least once: a fire whose delivery a process did not finish is delivered again, to every target.
    """

    def __init__(
        self,
        targets: Sequence[Target],
        *,
        broker: Broker,
        clock: Clock,
        within: float,
        types: Collection[str] = ("fired",),
        on_outcome: Callable[[str, str | None], None] = lambda _name, _error: None,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._targets = targets
        self._clock = clock
        self._within = within
        self._types = frozenset(types)
        self._on_outcome = on_outcome
        self._draw = draw
        self._notices = SightNotices()
        self._dead_letters = DeadLetterPublisher(broker, DEAD_LETTERS.name, clock)

    def decode(self, record: Record) -> IncomingEvent:
        """Decode a record of the watch events. Raises Malformed."""
        return decode_watch_event(record, now=self._clock.now(), within=self._within, types=self._types)

    def ordering_key(self, item: IncomingEvent) -> Hashable:
        """Give every record its own key: an unreachable target holds up no later fire."""
        return item.record.source, item.record.offset

    def deadline(self, item: IncomingEvent) -> datetime:
        return item.deadline

    async def handle(self, batch: Sequence[IncomingEvent]) -> None:
        """Return once each fire was delivered to every target or abandoned. Watches of a market share their notices."""
        for item in batch:
            if item.event is not None:
                await self._deliver_to_all(item)

    async def _deliver_to_all(self, item: IncomingEvent) -> None:
        assert item.event is not None
        audience = choose_audience(item.event, self._targets, item.published_at)
        if audience.is_muted:
            metrics.NOTIFICATIONS.labels("any", "muted").inc()
            _log.info("notify.muted", fire_id=item.event.event_id, watch_id=item.event.watch_id)
            return
        targets = self._notices.select_new(item.event, audience.targets)
        if audience.targets and not targets:
            metrics.NOTIFICATIONS.labels("any", "grouped").inc()
            return
        left = (item.deadline - self._clock.now()).total_seconds()
        if left <= 0:
            await self._abandon(item, item.event)
            return
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(deliver(target, item.event, left=left, clock=self._clock, draw=self._draw))
                for target in targets
            ]
        for target, task in zip(targets, tasks, strict=True):
            self._on_outcome(target.name, task.result())
        reasons = [*audience.problems, *(reason for task in tasks if (reason := task.result()) is not None)]
        if reasons:
            await self._dead_letters.publish([UnprocessableRecord(item.record, "; ".join(reasons))])

    async def _abandon(self, item: IncomingEvent, event: Notification) -> None:
        """Keep a fire that nothing could deliver in time, because the notifier did not run: it can be replayed."""
        metrics.NOTIFICATIONS.labels("any", "too_late").inc()
        _log.warning("notify.too_late", fire_id=event.event_id, fired_at=event.at.isoformat())
        if self._targets:
            reason = f"not delivered within {self._within:g} s of the event: the notifier did not run then"
            await self._dead_letters.publish([UnprocessableRecord(item.record, reason)])
