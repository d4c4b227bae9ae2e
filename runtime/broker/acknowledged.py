"""Publishing what must not be lost: again and again, until the broker has it."""

import random
from collections.abc import Callable

import structlog

from runtime.broker.ports import Broker, Message, Record
from runtime.broker.retry import PACE, Pace, backoff
from runtime.clock import Clock
from runtime.errors import Transient

_log = structlog.get_logger(__name__)


async def publish_until_acknowledged(
    broker: Broker,
    message: Message,
    clock: Clock,
    *,
    pace: Pace = PACE,
    draw: Callable[[], float] = random.random,
) -> Record:
    """Returns once the broker acknowledged it, however long that takes; cancel it to give up.

    A send whose outcome is unknown is sent again, so subscribers may see it twice. Raises MessageTooLarge.
    """
    attempt = 0
    while True:
        attempt += 1
        try:
            return await broker.publish(message)
        except Transient as error:
            seconds = backoff(attempt, random=draw(), retry_after=error.retry_after, pace=pace)
            _log.warning(
                "publish.retry",
                topic=message.topic,
                attempt=attempt,
                seconds=round(seconds, 2),
                error=str(error),
            )
            await clock.sleep(seconds)
