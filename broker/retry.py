"""What to do about an error: a pure function of what went wrong, how often, and how much time is left.

Exponential backoff with full jitter (every delay is drawn between nothing and a ceiling that doubles), so that many
who failed together do not come back together. What the other side asked for (`retry_after`) is the least of it.
"""

from dataclasses import dataclass

from broker.ports import MessageTooLarge
from runtime.errors import Malformed, Permanent, Transient
from schemas.events import FailureReason


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds: the ceiling of the first delay, and of any."""

    first: float = 0.5
    most: float = 30.0


PACE = Pace()

OURS = "an error of ours; the log of whoever met it has it"


def backoff(attempt: int, *, random: float, retry_after: float | None = None, pace: Pace = PACE) -> float:
    """Seconds to wait after the `attempt`-th failure (from 1); `random` is drawn from [0, 1)."""
    ceiling = min(pace.most, pace.first * 2.0 ** min(attempt - 1, 32))
    return (retry_after or 0.0) + ceiling * random


@dataclass(frozen=True, slots=True)
class RetryAfter:
    """Try again in so many seconds, before the deadline."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing may be given up here: hold what feeds this, and try again in so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Fail:
    """Say so with an event, and go on."""

    reason: FailureReason
    message: str


@dataclass(frozen=True, slots=True)
class DeadLetter:
    error: str


Decision = RetryAfter | Pause | Fail | DeadLetter


def decide(
    error: Exception,
    attempt: int,
    *,
    now: float,
    deadline: float | None,
    random: float,
    pace: Pace = PACE,
) -> Decision:
    """`now` and `deadline` are seconds of one clock; `attempt` and `random` as in `backoff`.

    Without a deadline, as for a computed result, Transient trouble is waited out however long it lasts. What nobody
    foresaw is told without its words, which may hold anything.
    """
    match error:
        case Transient(retry_after=asked):
            delay = backoff(attempt, random=random, retry_after=asked, pace=pace)
            return Pause(delay) if deadline is None else _in_time(error, delay, asked or 0.0, deadline - now)
        case Malformed():
            return DeadLetter(str(error))
        case Permanent(reason=reason):
            return Fail(reason, str(error))
        case MessageTooLarge():
            return Fail("internal", str(error))
        case _:
            return Fail("internal", OURS)


def _in_time(error: Exception, delay: float, least: float, left: float) -> Decision:
    """Jitter never pushes a retry past the deadline; what the other side asked for may."""
    return Fail("expired", str(error)) if left <= least else RetryAfter(min(delay, left))
