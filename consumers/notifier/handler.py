"""Fires in, messages out: to every target, each at its own pace; what cannot be delivered goes to the dead letters."""

import asyncio
import random
from collections.abc import Callable, Hashable, Sequence
from datetime import datetime

import structlog

from broker.dead_letters.publisher import Rejected, Rejects
from broker.ports import Broker, Record
from consumers.notifier.delivery import deliver
from consumers.notifier.intake import Item, read_item
from consumers.notifier.targets import Target
from runtime import metrics
from runtime.clock import Clock
from schemas.topics import DEAD_LETTERS

_log = structlog.get_logger(__name__)


class Notifier:
    """Decodes, lanes and handles for the consumer loop. `within`: seconds after which a fire is no news any more.

    At least once: what was under way when a process ended is delivered again, to every target.
    """

    def __init__(
        self,
        targets: Sequence[Target],
        *,
        broker: Broker,
        clock: Clock,
        within: float,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._targets = targets
        self._clock = clock
        self._within = within
        self._draw = draw
        self._rejects = Rejects(broker, DEAD_LETTERS.name, clock)

    def decode(self, record: Record) -> Item:
        """Raises Malformed."""
        return read_item(record, now=self._clock.now(), within=self._within)

    def lane(self, item: Item) -> Hashable:
        """Each in one of its own: a target that is away holds up no later fire."""
        return item.record.source, item.record.offset

    def deadline(self, item: Item) -> datetime:
        return item.until

    async def handle(self, batch: Sequence[Item]) -> None:
        """Returns once every target has each fire, or it was given up."""
        for item in batch:
            if item.fire is not None:
                await self._tell(item)

    async def _tell(self, item: Item) -> None:
        assert item.fire is not None
        left = (item.until - self._clock.now()).total_seconds()
        if left <= 0:
            # Above all those from before there was a notifier: its group begins at the topic's beginning.
            metrics.NOTIFICATIONS.labels("any", "too_late").inc()
            _log.warning("notify.too_late", fire_id=item.fire.fire_id, fired_at=item.fire.at.isoformat())
            return
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(deliver(target, item.fire, left=left, clock=self._clock, draw=self._draw))
                for target in self._targets
            ]
        if reasons := [reason for task in tasks if (reason := task.result()) is not None]:
            await self._rejects.bury([Rejected(item.record, "; ".join(reasons))])
