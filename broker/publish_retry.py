"""Publishing of messages that must not be lost: retried until the broker acknowledges them."""

import random
from collections.abc import Callable

import structlog

from broker.outages import Outages
from broker.ports import Broker, Message, Record
from broker.retry import DEFAULT_BACKOFF, Backoff, attempts
from runtime.clock import Clock
from runtime.metrics import PUBLISH_RETRIES

_log = structlog.get_logger(__name__)


async def publish_until_acknowledged(
    broker: Broker,
    message: Message,
    clock: Clock,
    *,
    outages: Outages | None = None,
    backoff: Backoff = DEFAULT_BACKOFF,
    draw: Callable[[], float] = random.random,
) -> Record:
    """Publish `message`, retrying without limit, and return its record; cancel to stop.

    A send whose outcome is unknown is sent again, so subscribers may read it twice. From the first failure on
    `outages` counts as waiting. Raises MessageTooLarge.
    """
    async for attempt in attempts(clock, backoff, outages=outages, draw=draw):
        with attempt:
            record = await broker.publish(message)
        if attempt.error:
            PUBLISH_RETRIES.labels(message.topic).inc()
            _log.warning("publish.retry", topic=message.topic, **attempt.log_fields)
    return record
