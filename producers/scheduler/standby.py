"""Lets one of several schedulers publish, and the others follow it some seconds behind. Pure, but for a random delay.

Two schedulers have the same requests due at the same moment, and neither sees the jobs of the other yet. So each
publishes with a jitter, which changes, until one of them finds jobs that the other has just made. It falls behind by a
delay of its own, so that it finds all of them. If the other one stops, this one publishes, and after LEAD_AFTER
requests in a row without that delay.
"""

import random
from collections.abc import Callable

LEAD_AFTER = 20
MAX_JITTER = 1.5
"""Seconds of the one that leads, or is alone: longer than a job takes to be stored."""
MIN_DELAY = 4.0
MAX_DELAY = 10.0
"""Seconds; drawn, so that of two schedulers that fall behind together one stays ahead."""


class Standby:
    """Holds the delay (seconds) of one scheduler that started at `started_at` (ms)."""

    def __init__(self, started_at: int, draw: Callable[[], float] = random.random) -> None:
        self._started_at = started_at
        self._draw = draw
        self._is_behind = False
        self.delay = MAX_JITTER * draw()
        self._published = 0

    def record(self, due_at: int, *, is_known: bool) -> None:
        """Note whether a request that was due at `due_at` (ms) had a job of another scheduler already."""
        if due_at < self._started_at:
            return  # of a time when this one did not run, so nothing follows for the next one
        if is_known:
            self._published = 0
            if not self._is_behind:
                self._is_behind = True
                self.delay = MIN_DELAY + (MAX_DELAY - MIN_DELAY) * self._draw()
            return
        self._published += 1
        if not self._is_behind or self._published >= LEAD_AFTER:
            self._published, self._is_behind = 0, False
            self.delay = MAX_JITTER * self._draw()
