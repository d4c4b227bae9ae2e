"""Which closed candles are compared with the exchange's history for good measure. Pure."""

from collections.abc import Callable, Mapping
from typing import TypeVar

SAMPLE_SECONDS = 10.0
"""Between two samples: 12 weight a minute on Binance, of 6,000."""

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
