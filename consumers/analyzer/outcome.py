"""How requests end: the values that go from the queue to the publisher, and back to who submitted a request."""

from dataclasses import dataclass

import structlog

from broker.retry import INTERNAL_ERROR, Fail, decide
from levels import Analysis
from schemas.events import FailureReason
from schemas.market import Market

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Completed:
    """`request_ids` are answered by `analysis`; `notes` are about its candles."""

    market: Market
    request_ids: tuple[str, ...]
    analysis: Analysis
    traceparent: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """`request_ids` can have no result. Without a `market` the event takes `key`, that of the request's record."""

    market: Market | None
    request_ids: tuple[str, ...]
    reason: FailureReason
    message: str
    attempts: int = 0
    traceparent: str | None = None
    key: bytes | None = None


@dataclass(frozen=True, slots=True)
class Expired:
    """`request_ids` reached their `expires_at`; `last_error` is the exchange's latest, if it was called for them."""

    market: Market
    request_ids: tuple[str, ...]
    attempts: int = 0
    last_error: str | None = None
    traceparent: str | None = None


Outcome = Completed | Failed | Expired


def build_failed(
    market: Market,
    request_ids: tuple[str, ...],
    error: Exception,
    attempts: int = 0,
    traceparent: str | None = None,
) -> Failed:
    """Return the outcome of requests that `error` ended. A bug is logged."""
    failure = to_failure(error, attempts)
    if failure.message == INTERNAL_ERROR:
        _log.error("analysis.crashed", exc_info=error)
    return Failed(market, request_ids, failure.reason, failure.message, attempts, traceparent)


def to_failure(error: Exception, attempts: int) -> Fail:
    """Return the reason and message for an error that ends a request. A bug is `internal`, without its own text."""
    decision = decide(error, attempts, now=0.0, deadline=None, random=1.0)
    return decision if isinstance(decision, Fail) else Fail("internal", INTERNAL_ERROR)
