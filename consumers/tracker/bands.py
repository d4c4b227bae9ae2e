"""The prices at which something happens to a level: near it, away from it, in its zone. Pure."""

from typing import NamedTuple

from consumers.tracker.proximity import AWAY_FACTOR, NEAR_ATR, NEAR_PCT


class Band(NamedTuple):
    """Prices from `low` to `high`, both included."""

    low: float
    high: float

    def contains(self, price: float) -> bool:
        return self.low <= price <= self.high

    def is_crossed(self, previous: float, price: float) -> bool:
        """Return whether the step from `previous` to `price` passed the whole band."""
        return (previous < self.low and price > self.high) or (previous > self.high and price < self.low)


def near_band(price: float, atr: float | None) -> Band:
    """Return the prices that are near a level at `price`; `atr` is a fraction of the price, None if it is not known."""
    return _band(price, NEAR_PCT / 100, 0.0 if atr is None else NEAR_ATR * atr)


def away_band(price: float, atr: float | None) -> Band:
    """Return the prices outside of which price is away from a level."""
    return _band(price, AWAY_FACTOR * NEAR_PCT / 100, 0.0 if atr is None else AWAY_FACTOR * NEAR_ATR * atr)


def _band(price: float, share: float, ratio: float) -> Band:
    """Return the prices of which `price` is at most `share` away, or that are at most `1 + ratio` times as far."""
    return Band(min(price / (1 + share), price / (1 + ratio)), max(price / (1 - share), price * (1 + ratio)))
