"""Candles of a longer timeframe, made of those there are."""

import numpy as np

from levels.candles import Candles


def coarser(candles: Candles, by: int) -> Candles:
    """Every `by` candles as one, counted back from the last, so that the last is whole; a rest at the start is lost.

    Holes are not minded: a candle made across one spans more time.
    """
    rest = len(candles) % by
    at = np.arange(rest, len(candles), by)
    if not at.size:
        return candles[:0]
    return Candles(
        candles.time[at],
        candles.open[at],
        np.maximum.reduceat(candles.high, at),
        np.minimum.reduceat(candles.low, at),
        candles.close[at + by - 1],
        np.add.reduceat(candles.volume, at),
    )
