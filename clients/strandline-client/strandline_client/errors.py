"""What a call can end with besides its answer."""

from __future__ import annotations


class StrandlineError(Exception):
    """The base class of this package's errors."""


class Refused(StrandlineError):
    """The server refused the call: `status` is HTTP's, the text is the server's explanation."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(f"{status}: {detail}")
        self.status = status
        self.detail = detail


class NotFound(Refused):
    """The server does not know the id or market (404)."""


class Unavailable(StrandlineError):
    """The server could not be reached, or was busy (429, 502 to 504), until the retries were used up."""

    def __init__(self, detail: str, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class AnalysisFailed(StrandlineError):
    """A request ended without a result: `reason` is one of docs/events.md, such as `unknown_symbol`."""

    def __init__(self, request_id: str, reason: str, message: str) -> None:
        super().__init__(f"{reason}: {message}")
        self.request_id = request_id
        self.reason = reason
