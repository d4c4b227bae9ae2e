"""Deliver one event to one target, with retries until it is accepted or too old."""

from collections.abc import Callable
from typing import Protocol, TypeVar

import structlog

from broker.retry import Backoff, attempts
from consumers.notifier.targets import TargetRefused
from runtime import metrics
from runtime.clock import Clock
from runtime.errors import Permanent, Transient

_log = structlog.get_logger(__name__)

_HINT = "correct the target, then run `strandline dead-letters replay`: it delivers to every target again"
MAX_REFUSALS = 6
"""Attempts, over half a minute or so, at a target that refuses: it may be in the middle of a deployment."""
_BACKOFF = Backoff(initial=1.0, maximum=60.0)


class _Event(Protocol):
    @property
    def event_id(self) -> str: ...


E_contra = TypeVar("E_contra", bound=_Event, contravariant=True)
E = TypeVar("E", bound=_Event)


class _Receiver(Protocol[E_contra]):
    @property
    def kind(self) -> str: ...
    @property
    def name(self) -> str: ...
    async def send(self, event: E_contra) -> None: ...


async def deliver(
    target: _Receiver[E], event: E, *, left: float, clock: Clock, draw: Callable[[], float]
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
                _log.warning(
                    "notify.retry", target=target.name, event_id=event.event_id, **attempt.log_fields
                )
    except (Transient, Permanent) as error:
        return _record_failure(target, event, number, str(error))
    metrics.NOTIFICATIONS.labels(target.kind, "delivered").inc()
    _log.info("notify.delivered", target=target.name, event_id=event.event_id, attempt=number)
    return None


async def _send(target: _Receiver[E], event: E, number: int) -> None:
    """Send once, as attempt `number`; raise Permanent where a refusal is not worth another one."""
    try:
        await target.send(event)
    except TargetRefused as error:
        if number < MAX_REFUSALS:
            raise
        raise Permanent("internal", str(error)) from error


def _record_failure(target: _Receiver[E], event: E, number: int, reason: str) -> str:
    metrics.NOTIFICATIONS.labels(target.kind, "given_up").inc()
    _log.error(
        "notify.given_up",
        target=target.name,
        event_id=event.event_id,
        attempts=number,
        error=reason,
        hint=_HINT,
    )
    return f"not delivered to {target.name} after {number} attempts: {reason}"
