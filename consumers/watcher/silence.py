"""Times of which prices do not show everything, and which of their minutes are still to be checked. Pure.

Either no price was known, or prices came without a silence, and a target is so near to them that price may have
reached it between two of them.
"""

from dataclasses import dataclass

from consumers.watcher.watch import Tick

MINUTE_MS = 60_000
MAX_LOOKBACK_MS = 24 * 3_600_000
"""How far back candles are checked: the watch stays blind for what is older."""

STEP_WAIT_MS = 5_000
"""How long the first price after a silence waits for the candles before it, to fire at the minute they show."""


@dataclass(slots=True)
class Silence:
    """No price is known for some time before `first`, the first price after it.

    The minutes before `checked_until` (ms) are checked. `price` is the last one that is known before that minute, and
    `known_at` (ms) its time. `is_stepped`: the step from there to `first` was evaluated. `has_prices`: they are minutes
    in which prices came, and that of `first` is not one of them.
    """

    first: Tick
    checked_until: int
    price: float
    known_at: int
    is_stepped: bool = False
    has_prices: bool = False

    @property
    def last_minute(self) -> int:
        """The minute of the first price after the silence."""
        return to_minute(self.first.traded_at)

    @property
    def is_over(self) -> bool:
        end = self.last_minute if self.has_prices else self.last_minute + MINUTE_MS
        return self.is_stepped and self.checked_until >= end

    def find_due(self, latest: int) -> tuple[int, int] | None:
        """Return the minutes [from, until) to check now; `latest` (ms) is the time of the last price.

        The minute of the first price counts once it is over, because prices after it may show what happened in it.
        """
        if self.checked_until < self.last_minute:
            return self.checked_until, self.last_minute
        if self.has_prices:
            return None
        over = self.last_minute + MINUTE_MS
        return (self.checked_until, over) if self.checked_until < over <= to_minute(latest) else None


def begin_silence(before: Tick, first: Tick, start: int) -> Silence:
    """Return the silence between two prices; `start` (ms), at most 24 h ago, is where checking begins."""
    minute = max(to_minute(start), to_minute(first.traded_at) - MAX_LOOKBACK_MS)
    return Silence(first, minute, before.price, before.traded_at)


@dataclass(slots=True)
class PricedMinute:
    """The minute that began at `start` (ms) as prices show it. `known`: the last price before the first of them."""

    start: int
    known: Tick
    low: float
    high: float

    def add(self, price: float) -> None:
        self.low, self.high = min(self.low, price), max(self.high, price)

    def to_silence(self, first: Tick) -> Silence:
        """Return what is to be checked, now that `first` shows that it is over."""
        return Silence(first, self.start, self.known.price, self.known.traded_at, True, True)


def begin_minute(start: int, known: Tick, tick: Tick) -> PricedMinute:
    """Return the minute at `start` (ms) with its first price, `tick`, which followed `known`."""
    return PricedMinute(start, known, min(known.price, tick.price), max(known.price, tick.price))


def to_minute(time: int) -> int:
    return time - time % MINUTE_MS
