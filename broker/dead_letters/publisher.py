"""Publishes unprocessable records to the dead letters."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import structlog

from broker.dead_letters.message import build_candidates
from broker.outages import Outages
from broker.ports import Broker, MessageTooLarge, Partition, Record
from broker.publish_retry import publish_until_acknowledged
from runtime.clock import Clock
from runtime.metrics import DEAD_LETTERED

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class UnprocessableRecord:
    """A record that cannot be read, written or delivered, and why."""

    record: Record
    error: str


@dataclass(frozen=True, slots=True)
class DeadLetterKey:
    """The ordering key of a partition's dead letters: written in order, in parallel to its other records."""

    partition: Partition


class DeadLetterPublisher:
    """Writes to `topic`, retrying without limit while the broker is away."""

    def __init__(self, broker: Broker, topic: str, clock: Clock, outages: Outages | None = None) -> None:
        self._broker = broker
        self._topic = topic
        self._clock = clock
        self._outages = outages

    async def publish(self, records: Sequence[UnprocessableRecord]) -> None:
        """Publish the records in order; return once the broker acknowledged every one."""
        for unprocessable in records:
            await self._publish_one(unprocessable)
            source = unprocessable.record.source
            DEAD_LETTERED.labels(source.topic).inc()
            _log.warning(
                "record.dead_lettered",
                topic=source.topic,
                partition=source.number,
                offset=unprocessable.record.offset,
                error=unprocessable.error,
            )

    async def _publish_one(self, unprocessable: UnprocessableRecord) -> None:
        """Publish the largest candidate that the broker accepts: no record is too large to be dead-lettered."""
        at = self._clock.now()
        *larger, smallest = build_candidates(unprocessable.record, unprocessable.error, at, topic=self._topic)
        for message in larger:
            with suppress(MessageTooLarge):
                await publish_until_acknowledged(self._broker, message, self._clock, outages=self._outages)
                return
        await publish_until_acknowledged(self._broker, smallest, self._clock, outages=self._outages)
