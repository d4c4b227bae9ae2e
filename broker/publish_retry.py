"""Publishing what must not be lost: again and again, until the broker has it."""

import random
from collections.abc import Callable
from contextlib import ExitStack

import structlog

from broker.outages import Outages
from broker.ports import Broker, Message, Record
from broker.retry import PACE, Pace, Pause, decide
from runtime.clock import Clock
from runtime.errors import StrandlineError
from runtime.metrics import PUBLISH_RETRIES

_log = structlog.get_logger(__name__)


async def publish_until_acknowledged(
    broker: Broker,
    message: Message,
    clock: Clock,
    *,
    outages: Outages | None = None,
    pace: Pace = PACE,
    draw: Callable[[], float] = random.random,
) -> Record:
    """Returns once the broker acknowledged it, however long that takes; cancel it to give up.

    A send whose outcome is unknown is sent again, so subscribers may see it twice. From the first one that fails it
    is an outage, and `outages` is told so. Raises MessageTooLarge.
    """
    attempt = 0
    with ExitStack() as outage:
        while True:
            attempt += 1
            try:
                return await broker.publish(message)
            except StrandlineError as error:
                decision = decide(
                    error, attempt, now=clock.monotonic(), deadline=None, random=draw(), pace=pace
                )
                if not isinstance(decision, Pause):
                    raise
                if attempt == 1 and outages is not None:
                    outage.enter_context(outages.waiting())
                PUBLISH_RETRIES.labels(message.topic).inc()
                _log.warning(
                    "publish.retry",
                    topic=message.topic,
                    attempt=attempt,
                    seconds=round(decision.seconds, 2),
                    error=str(error),
                )
                await clock.sleep(decision.seconds)
