"""The limit on dead letters: when so many records are invalid that no more may be dead-lettered. Pure.

Without it a broken publisher, a foreign topic or a table that rejects every row would be drained into the dead letters
as fast as it can be read, and would look like progress.
"""

from collections import deque
from dataclasses import dataclass

from broker.ports import Record
from runtime.errors import StrandlineError

WINDOW_RECORDS = 200
"""How many of the latest records the ratio is measured over."""


class DeadLetterFlood(StrandlineError):
    """Too many records are invalid; the message names the fix."""


@dataclass(frozen=True, slots=True)
class DeadLetterLimit:
    """How many records may be invalid: `consecutive` in a row (0: any number), and `ratio` of the latest window.

    A ratio of 1 allows all of them.
    """

    consecutive: int = 100
    ratio: float = 0.5


class DeadLetterLimitExceeded(StrandlineError):
    """A handler met too many invalid records: `record` and those after it must not be dead-lettered.

    Everything before `record` in the batch has been handled or dead-lettered, and counts as finished: so a restart
    goes on from `record` and makes progress.
    """

    def __init__(self, record: Record, reason: str, error: str) -> None:
        super().__init__(reason)
        self.record = record
        self.reason = reason
        self.error = error


class DeadLetterLimiter:
    """Counts valid and invalid records of one consumer. `fault` is what is wrong with the invalid ones."""

    def __init__(self, limit: DeadLetterLimit, fault: str = "cannot be read") -> None:
        self._limit = limit
        self._fault = fault
        self._in_a_row = 0
        self._latest: deque[bool] = deque(maxlen=WINDOW_RECORDS)  # whether invalid

    def record_ok(self) -> None:
        """Count a valid record."""
        self._in_a_row = 0
        self._latest.append(False)

    def record_invalid(self) -> str | None:
        """Count an invalid record; return why it must not be dead-lettered, None while it may."""
        self._in_a_row += 1
        self._latest.append(True)
        if 0 < self._limit.consecutive < self._in_a_row:
            return f"more than {self._limit.consecutive} records in a row {self._fault}"
        invalid = sum(self._latest)
        if len(self._latest) == WINDOW_RECORDS and invalid > self._limit.ratio * WINDOW_RECORDS:
            return (
                f"{invalid} of the latest {WINDOW_RECORDS} records {self._fault}, "
                f"{self._limit.ratio:.0%} is the limit"
            )
        return None


def flood_message(reason: str, position: str, error: str) -> str:
    """Return the whole message: what was found, where, and what an operator can do."""
    return (
        f"{reason}; the last is at {position}: {error}. Nothing more is read, committed or dead-lettered after it. "
        "Look at `strandline dead-letters list`, fix what publishes them (or the table that rejects them), and restart "
        "this role; to dead-letter them all, start it with STRANDLINE_FLOOD_CONSECUTIVE=0 and STRANDLINE_FLOOD_RATIO=1"
    )
