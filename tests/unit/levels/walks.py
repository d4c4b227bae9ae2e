"""Random walks as candles, for tests that need an ordinary market."""

import numpy as np

from levels import Candles
from tests.unit.levels.strategies import HOUR


def walk(seed: int, n: int = 1500, start: float = 100.0) -> Candles:
    """n hourly candles of a driftless walk from `start`."""
    rng = np.random.default_rng(seed)
    close = start * np.exp(np.cumsum(rng.normal(0, 0.006, n)))
    open_ = np.concatenate(([start], close[:-1]))
    top, bottom = np.maximum(open_, close), np.minimum(open_, close)
    high = top * (1 + rng.random(n) * 0.004)
    low = bottom * (1 - rng.random(n) * 0.004)
    return Candles(np.arange(n) * HOUR, open_, high, low, close, rng.random(n) + 0.5)
