"""Working time: a clock that stops during outages of the broker or the database.

Publishing and database writes are retried without limit, so elapsed time does not show whether work hangs; the
time without outages does.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

from runtime.clock import Clock


class Outages:
    """The outages of one process; its handlers share it, since what blocks one may block the others."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting = 0
        self._since = 0.0
        self._lost = 0.0

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Count the time inside as an outage; blocks may overlap."""
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
        """Return the seconds outside outages since a fixed, arbitrary moment."""
        return (self._since if self._waiting else self._clock.monotonic()) - self._lost


class WorkStart(NamedTuple):
    """When work began: in working seconds, and by the wall clock."""

    working_seconds: float
    at: datetime


def overrun(start: WorkStart, working_seconds: float, deadline: datetime | None) -> float:
    """Return how many working seconds beyond its allowance (from `start` to `deadline`, if any) the work has taken."""
    allowance = (deadline - start.at).total_seconds() if deadline else 0.0
    return working_seconds - start.working_seconds - max(0.0, allowance)
