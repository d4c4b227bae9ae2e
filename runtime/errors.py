"""What can go wrong, in the three ways that matter: try again, give up, or throw away.

Errors are put into this tree at the edge where they are known (ccxt's in one place, the broker's in another), so
that everything above decides by class and never by message.
"""

from schemas.events import FailureReason


class StrandlineError(Exception):
    """The root of our own errors."""


class Transient(StrandlineError):
    """It may go well later. `retry_after` is the least number of seconds that the other side asked for."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Permanent(StrandlineError):
    """It will go wrong every time; `reason` is what the failure event says."""

    def __init__(self, reason: FailureReason, message: str) -> None:
        super().__init__(message)
        self.reason: FailureReason = reason


class Malformed(StrandlineError):
    """Bytes that nobody can read; they go to the dead letters as they came."""


class ConfigurationError(StrandlineError):
    """A setting is missing or wrong; the message says which, and what to do."""
