"""Working time: the clock stands still for it while somebody waits for a broker or a database that is away.

Publishing and writing rows are tried again without limit, so that how long work takes says nothing of whether it
hangs. How long it takes while nothing outside is in the way does.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

from runtime.clock import Clock


class Outages:
    """One for a process's consumer: whatever holds up one of its handlers may hold up the others."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting = 0
        self._since = 0.0
        self._lost = 0.0

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Inside, something outside is away, and is tried again and again."""
        if not self._waiting:
            self._since = self._clock.monotonic()
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1
            if not self._waiting:
                self._lost += self._clock.monotonic() - self._since

    def working_seconds(self) -> float:
        """Seconds, from some moment on, without those of outages."""
        return (self._since if self._waiting else self._clock.monotonic()) - self._lost


class WorkStart(NamedTuple):
    """When work began: by working time (s), and by the wall clock."""

    worked: float
    at: datetime


def overrun(begun: WorkStart, worked: float, deadline: datetime | None) -> float:
    """Working seconds since `begun` beyond those that the work might wait, to its `deadline` if it has one."""
    patience = (deadline - begun.at).total_seconds() if deadline else 0.0
    return worked - begun.worked - max(0.0, patience)
