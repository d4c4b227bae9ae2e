"""The error classes that code decides by: retry, give up, or dead-letter.

Errors are mapped to these classes where they occur (ccxt's in one place, the broker's in another), so that everything
above decides by class and never by message.
"""

from schemas.events import FailureReason


class StrandlineError(Exception):
    """The base class of Strandline's own errors."""


class Transient(StrandlineError):
    """A failure that a retry may resolve. `retry_after`: the minimum delay in seconds that the other side demands."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Permanent(StrandlineError):
    """A failure that every retry would repeat; `reason` becomes the reason of the failure event."""

    def __init__(self, reason: FailureReason, message: str) -> None:
        super().__init__(message)
        self.reason: FailureReason = reason


class Malformed(StrandlineError):
    """Bytes that cannot be decoded; they are published to the dead letters unchanged."""


class UnknownEventType(StrandlineError):
    """An event of ours in a version that this program does not know; it is skipped, and stays on its topic."""


class ConfigurationError(StrandlineError):
    """A setting is missing or invalid; the message names it and how to fix it."""
