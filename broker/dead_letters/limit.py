"""When so much must be given up that it is not to go on into the dead letters. Pure.

A publisher that broke, a topic of somebody else's, or a table that takes no row would otherwise be drained into the
bin as fast as it can be read, and look like work well done.
"""

from collections import deque
from dataclasses import dataclass

from broker.ports import Record
from runtime.errors import StrandlineError

JUDGED = 200
"""So many of the latest records are what a ratio is of."""


class DeadLetterFlood(StrandlineError):
    """Too much would have to be given up; the message says what to do."""


@dataclass(frozen=True, slots=True)
class DeadLetterLimit:
    """`consecutive`: so many unreadable records in a row may pass (0: any number).

    `ratio`: so large a part of the latest JUDGED may be unreadable (1: all of them).
    """

    consecutive: int = 100
    ratio: float = 0.5


class DeadLetterLimitExceeded(StrandlineError):
    """A handler met more than it may give up: `record` and what follows must not go to the dead letters any more."""

    def __init__(self, record: Record, reason: str, error: str) -> None:
        super().__init__(reason)
        self.record = record
        self.reason = reason
        self.error = error


class DeadLetterLimiter:
    """What the latest records of one consumer were like. `fault` is what is wrong with the bad ones."""

    def __init__(self, limit: DeadLetterLimit, fault: str = "cannot be read") -> None:
        self._limit = limit
        self._fault = fault
        self._in_a_row = 0
        self._latest: deque[bool] = deque(maxlen=JUDGED)  # whether bad

    def record_ok(self) -> None:
        self._in_a_row = 0
        self._latest.append(False)

    def record_invalid(self) -> str | None:
        """Why this one, and what follows, must not go to the dead letters any more; None while it may."""
        self._in_a_row += 1
        self._latest.append(True)
        if 0 < self._limit.consecutive < self._in_a_row:
            return f"more than {self._limit.consecutive} records in a row {self._fault}"
        bad = sum(self._latest)
        if len(self._latest) == JUDGED and bad > self._limit.ratio * JUDGED:
            return f"{bad} of the latest {JUDGED} records {self._fault}, {self._limit.ratio:.0%} is the limit"
        return None


def flood_message(reason: str, at: str, error: str) -> str:
    """The whole message: what was met, where, and what an operator can do."""
    return (
        f"{reason}; the last stands at {at}: {error}. Nothing more is read, committed or dead-lettered from there on. "
        "Look at `strandline dead-letters list`, mend what publishes them (or the table that rejects them), and start "
        "this role again; to let them all into the dead letters, start it with STRANDLINE_FLOOD_CONSECUTIVE=0 and "
        "STRANDLINE_FLOOD_RATIO=1"
    )
