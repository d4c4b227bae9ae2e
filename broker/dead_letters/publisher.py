"""Records that nobody can read, on their way to the dead letters."""

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
    record: Record
    error: str


@dataclass(frozen=True, slots=True)
class DeadLetterKey:
    """Dead letters of one partition are written in order, in parallel to the other records."""

    partition: Partition


class DeadLetterPublisher:
    def __init__(self, broker: Broker, topic: str, clock: Clock, outages: Outages | None = None) -> None:
        self._broker = broker
        self._topic = topic
        self._clock = clock
        self._outages = outages

    async def publish(self, rejected: Sequence[UnprocessableRecord]) -> None:
        """Returns when the broker has every one of them for good."""
        for reject in rejected:
            await self._publish(reject)
            source = reject.record.source
            DEAD_LETTERED.labels(source.topic).inc()
            _log.warning(
                "record.dead_lettered",
                topic=source.topic,
                partition=source.number,
                offset=reject.record.offset,
                error=reject.error,
            )

    async def _publish(self, reject: UnprocessableRecord) -> None:
        """The whole letter, or as much of it as the broker takes: no record may be too large to be given up."""
        at = self._clock.now()
        *larger, least = build_candidates(reject.record, reject.error, at, topic=self._topic)
        for letter in larger:
            with suppress(MessageTooLarge):
                await publish_until_acknowledged(self._broker, letter, self._clock, outages=self._outages)
                return
        await publish_until_acknowledged(self._broker, least, self._clock, outages=self._outages)
