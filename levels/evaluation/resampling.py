"""Resample candles to a longer timeframe."""

import numpy as np

from levels.candles import Candles


def resample(candles: Candles, by: int) -> Candles:
    """Merge every `by` candles into one, counted back from the last so that it is complete; a remainder is dropped.

    Holes are ignored: a merged candle that contains one spans more time.
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
