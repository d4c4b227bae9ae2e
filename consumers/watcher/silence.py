"""A time in which no price of a market was known, and which of its minutes are still to be checked. Pure."""

from dataclasses import dataclass

from consumers.watcher.watch import Tick

MINUTE_MS = 60_000
MAX_LOOKBACK_MS = 24 * 3_600_000
"""How far back candles are checked: the watch stays blind for what is older."""

STEP_WAIT_MS = 5_000
"""How long the first price after a silence waits for the candles before it, to fire at the minute they show."""


@dataclass(slots=True)
class Silence:
    """No price is known between `start` (ms) and `first`, the first price after it.

    The minutes before `checked_until` (ms) are checked. `price` is the last one that is known before that minute, and
    `known_at` (ms) its time. `is_stepped`: the step from there to `first` was evaluated.
    """

    first: Tick
    checked_until: int
    price: float
    known_at: int
    is_stepped: bool = False

    @property
    def last_minute(self) -> int:
        """The minute of the first price after the silence."""
        return to_minute(self.first.traded_at)

    @property
    def is_over(self) -> bool:
        return self.is_stepped and self.checked_until > self.last_minute

    def find_due(self, latest: int) -> tuple[int, int] | None:
        """Return the minutes [from, until) to check now; `latest` (ms) is the time of the last price.

        The minute of the first price counts once it is over, because prices after it may show what happened in it.
        """
        if self.checked_until < self.last_minute:
            return self.checked_until, self.last_minute
        over = self.last_minute + MINUTE_MS
        return (self.checked_until, over) if self.checked_until < over <= to_minute(latest) else None


def begin_silence(before: Tick, first: Tick, start: int) -> Silence:
    """Return the silence between two prices; `start` (ms), at most 24 h ago, is where checking begins."""
    minute = max(to_minute(start), to_minute(first.traded_at) - MAX_LOOKBACK_MS)
    return Silence(first, minute, before.price, before.traded_at)


def to_minute(time: int) -> int:
    return time - time % MINUTE_MS
