"""Deliver one fire to one target, with retries until it is accepted or too old."""

from collections.abc import Callable

import structlog

from broker.retry import Backoff, attempts
from consumers.notifier.message_text import Notification
from consumers.notifier.targets import Target, TargetRefused
from runtime import metrics
from runtime.clock import Clock
from runtime.errors import Permanent, Transient

_log = structlog.get_logger(__name__)

_HINT = "correct the target, then run `strandline dead-letters replay`: it delivers to every target again"
MAX_REFUSALS = 6
"""Attempts, over half a minute or so, at a target that refuses: it may be in the middle of a deployment."""
_BACKOFF = Backoff(initial=1.0, maximum=60.0)


async def deliver(
    target: Target, event: Notification, *, left: float, clock: Clock, draw: Callable[[], float]
) -> str | None:
    """Return None once `target` accepted `event`, else why it was abandoned; `left`: seconds for all attempts."""
    deadline = clock.monotonic() + left
    number = 0
    try:
        async for attempt in attempts(
            clock, _BACKOFF, seconds_left=lambda: deadline - clock.monotonic(), draw=draw
        ):
            number = attempt.number
            with attempt:
                await _send(target, event, number)
            if attempt.error:
                metrics.NOTIFICATIONS.labels(target.kind, "retried").inc()
                _log.warning("notify.retry", target=target.name, fire_id=event.event_id, **attempt.log_fields)
    except (Transient, Permanent) as error:
        return _record_failure(target, event, number, str(error))
    metrics.NOTIFICATIONS.labels(target.kind, "delivered").inc()
    _log.info("notify.delivered", target=target.name, fire_id=event.event_id, attempt=number)
    return None


async def _send(target: Target, event: Notification, number: int) -> None:
    """Send once, as attempt `number`; raise Permanent where a refusal is not worth another one."""
    try:
        await target.send(event)
    except TargetRefused as error:
        if number < MAX_REFUSALS:
            raise
        raise Permanent("internal", str(error)) from error


def _record_failure(target: Target, event: Notification, number: int, reason: str) -> str:
    metrics.NOTIFICATIONS.labels(target.kind, "given_up").inc()
    _log.error(
        "notify.given_up",
        target=target.name,
        fire_id=event.event_id,
        attempts=number,
        error=reason,
        hint=_HINT,
    )
    return f"not delivered to {target.name} after {number} attempts: {reason}"
