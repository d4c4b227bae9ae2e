"""Retries: what to do about an error (`decide`, pure), and the one loop that acts on it (`attempts`).

Exponential backoff with full jitter (every delay is drawn between zero and a ceiling that doubles), so that clients
that failed together do not come back together. A delay that the other side asked for (`retry_after`) is the minimum.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from broker.outages import Outages
from broker.ports import MessageTooLarge
from runtime.clock import Clock
from runtime.errors import Malformed, Permanent, Transient
from schemas.events import FailureReason


@dataclass(frozen=True, slots=True)
class Backoff:
    """Seconds: the ceiling of the first delay, the ceiling of any delay, and the least delay."""

    initial: float = 0.5
    maximum: float = 30.0
    minimum: float = 0.0


DEFAULT_BACKOFF = Backoff()

INTERNAL_ERROR = "internal error: see the log of the process that handled it"


def retry_delay(
    attempt: int, *, random: float, retry_after: float | None = None, backoff: Backoff = DEFAULT_BACKOFF
) -> float:
    """Return the seconds to wait after the `attempt`-th failure (from 1); `random` is drawn from [0, 1)."""
    ceiling = min(backoff.maximum, backoff.initial * 2.0 ** min(attempt - 1, 32))
    return max(backoff.minimum, (retry_after or 0.0) + ceiling * random)


def no_jitter() -> float:
    """Stand in for a random number where every delay is its ceiling: one process waits for one broker."""
    return 1.0


@dataclass(frozen=True, slots=True)
class RetryAfter:
    """Retry after `seconds`, before the deadline."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Pause:
    """There is no deadline: pause the input and retry after `seconds`."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Fail:
    """Publish a failure event and go on."""

    reason: FailureReason
    message: str


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """Send the record to the dead letters and go on."""

    error: str


Decision = RetryAfter | Pause | Fail | DeadLetter


def decide(
    error: Exception,
    attempt: int,
    *,
    now: float,
    deadline: float | None,
    random: float,
    backoff: Backoff = DEFAULT_BACKOFF,
) -> Decision:
    """Decide what follows from `error`; `now` and `deadline` are seconds of one clock, the rest is as in `retry_delay`.

    Without a deadline, as for a computed result, Transient errors are retried without limit. The text of an
    unexpected error is not published, since it may hold anything.
    """
    match error:
        case Transient(retry_after=retry_after):
            delay = retry_delay(attempt, random=random, retry_after=retry_after, backoff=backoff)
            if deadline is None:
                return Pause(delay)
            return _retry_in_time(error, delay, retry_after or 0.0, deadline - now)
        case Malformed():
            return DeadLetter(str(error))
        case Permanent(reason=reason):
            return Fail(reason, str(error))
        case MessageTooLarge():
            return Fail("internal", str(error))
        case _:
            return Fail("internal", INTERNAL_ERROR)


def _retry_in_time(error: Exception, delay: float, minimum: float, seconds_left: float) -> Decision:
    """Cut the jitter at the deadline; fail where the requested minimum alone reaches past it."""
    return Fail("expired", str(error)) if seconds_left <= minimum else RetryAfter(min(delay, seconds_left))


@contextmanager
def permanent_as_transient(retry_after: float) -> Iterator[None]:
    """Retry a Permanent error after `retry_after` seconds, where the process may outlive its cause."""
    try:
        yield
    except Permanent as error:
        raise Transient(str(error), retry_after=retry_after) from error


class Attempt:
    """One attempt, a context manager around the work.

    An error that is to be retried is caught: `error` and `delay` (seconds) then hold it. Every other one is raised.
    """

    def __init__(self, series: "Attempts", number: int) -> None:
        self.number = number
        self.error: Transient | None = None
        self.delay = 0.0
        self._series = series

    @property
    def log_fields(self) -> dict[str, Any]:
        """Fields of a log message about a failure that is to be retried."""
        return {"attempt": self.number, "seconds": round(self.delay, 2), "error": str(self.error)}

    def reset(self) -> None:
        """Count failures from one again: a connection was established, and what fails now fails afresh."""
        self.number = 1
        self._series.end_outage()

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> bool:
        decision = self._series.decide(error, self.number) if isinstance(error, Exception) else None
        if isinstance(error, Transient) and isinstance(decision, RetryAfter | Pause):
            self.error, self.delay = error, decision.seconds
            return True
        self._series.end_outage()
        return False


class Attempts:
    """The iterator behind `attempts`."""

    def __init__(
        self,
        clock: Clock,
        backoff: Backoff,
        *,
        seconds_left: Callable[[], float] | None,
        outages: Outages | None,
        draw: Callable[[], float],
    ) -> None:
        self._clock = clock
        self._backoff = backoff
        self._seconds_left = seconds_left
        self._outages = outages
        self._draw = draw
        self._outage: ExitStack | None = None
        self._last: Attempt | None = None

    def __aiter__(self) -> "Attempts":
        return self

    async def __anext__(self) -> Attempt:
        number = 1
        if self._last is not None:
            if self._last.error is None:
                raise StopAsyncIteration
            await self._wait(self._last.delay)
            number = self._last.number + 1
        self._last = Attempt(self, number)
        return self._last

    def decide(self, error: Exception, number: int) -> Decision:
        """Decide about the failure of attempt `number`; from the first one that is retried there is an outage."""
        deadline = None if self._seconds_left is None else self._seconds_left()
        decision = decide(
            error, number, now=0.0, deadline=deadline, random=self._draw(), backoff=self._backoff
        )
        if isinstance(decision, RetryAfter | Pause) and self._outages is not None and self._outage is None:
            self._outage = ExitStack()
            self._outage.enter_context(self._outages.waiting())
        return decision

    def end_outage(self) -> None:
        """Let working time run again."""
        if self._outage is not None:
            self._outage.close()
            self._outage = None

    async def _wait(self, seconds: float) -> None:
        try:
            await self._clock.sleep(seconds)
        except BaseException:  # a cancelled wait must end the outage as well
            self.end_outage()
            raise


def attempts(
    clock: Clock,
    backoff: Backoff = DEFAULT_BACKOFF,
    *,
    seconds_left: Callable[[], float] | None = None,
    outages: Outages | None = None,
    draw: Callable[[], float] = random.random,
) -> Attempts:
    """Iterate over attempts until one succeeds, with the delays of `decide` between them::

        async for attempt in attempts(clock, backoff):
            with attempt:
                record = await broker.publish(message)
            if attempt.error:
                log.warning("publish.retry", **attempt.log_fields)

    The loop ends after the first attempt that raised nothing. Transient errors are retried: without limit, or, with
    `seconds_left`, while that is positive (it is asked at each failure, so a deadline may move). The error that ends
    the attempts is raised as it is. From the first failure to the end `outages` counts as waiting. Leave the loop
    from inside the `with` only.
    """
    return Attempts(clock, backoff, seconds_left=seconds_left, outages=outages, draw=draw)
