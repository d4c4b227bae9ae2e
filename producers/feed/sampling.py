"""Which closed candles are compared with the exchange's history for good measure. Pure."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from producers.feed.gaps import Fetch
from producers.feed.minutes import MINUTE

SAMPLE_SECONDS = 10.0
"""Between two samples: 12 weight a minute on Binance, of 6,000."""

SAMPLE_MINUTES = 60

F = TypeVar("F")


class SampleSchedule:
    """Picks one instrument at random, now and then. `draw` returns numbers in [0, 1)."""

    def __init__(self, draw: Callable[[], float]) -> None:
        self._draw = draw
        self._due_at: float | None = None

    def pick(self, followed: Mapping[str, F], now: float) -> tuple[str, F] | None:
        """Return an instrument to compare at `now` (seconds), or None."""
        if self._due_at is None:
            self._due_at = now + SAMPLE_SECONDS
        if now < self._due_at or not followed:
            return None
        self._due_at = now + SAMPLE_SECONDS
        symbol = list(followed)[int(self._draw() * len(followed))]
        return symbol, followed[symbol]


def sample_fetch(next_open: int) -> Fetch:
    """Return the fetch of the last closed minutes before `next_open`."""
    times = tuple(range(next_open - SAMPLE_MINUTES * MINUTE, next_open, MINUTE))
    return Fetch("1m", times, {"sample": len(times)})
