"""When so much cannot be read that it must not go on into the dead letters. Pure.

A publisher that broke, or a topic of somebody else's, would otherwise be drained into the bin as fast as it can be
read, and look like work well done.
"""

from collections import deque
from dataclasses import dataclass

from runtime.errors import StrandlineError

JUDGED = 200
"""So many of the latest records are what a ratio is of."""


class DeadLetterFlood(StrandlineError):
    """Too much cannot be read; the message says what to do."""


@dataclass(frozen=True, slots=True)
class FloodLimit:
    """`consecutive`: so many unreadable records in a row may pass (0: any number).

    `ratio`: so large a part of the latest JUDGED may be unreadable (1: all of them).
    """

    consecutive: int = 100
    ratio: float = 0.5


class FloodGauge:
    """What the latest records of one consumer were like."""

    def __init__(self, limit: FloodLimit) -> None:
        self._limit = limit
        self._in_a_row = 0
        self._unreadable: deque[bool] = deque(maxlen=JUDGED)

    def readable(self) -> None:
        self._in_a_row = 0
        self._unreadable.append(False)

    def unreadable(self) -> str | None:
        """Why this one, and what follows, must not go to the dead letters any more; None while it may."""
        self._in_a_row += 1
        self._unreadable.append(True)
        if 0 < self._limit.consecutive < self._in_a_row:
            return f"more than {self._limit.consecutive} records in a row cannot be read"
        bad = sum(self._unreadable)
        if len(self._unreadable) == JUDGED and bad > self._limit.ratio * JUDGED:
            return (
                f"{bad} of the latest {JUDGED} records cannot be read, {self._limit.ratio:.0%} is the limit"
            )
        return None


def advice(reason: str, at: str, error: str) -> str:
    """The whole message: what was met, where, and what an operator can do."""
    return (
        f"{reason}; the last stands at {at}: {error}. Nothing more is read, committed or dead-lettered from there on. "
        "Look at `strandline dead-letters list`, mend what publishes them, and start this role again; to let them all "
        "into the dead letters, start it with STRANDLINE_FLOOD_CONSECUTIVE=0 and STRANDLINE_FLOOD_RATIO=1"
    )
