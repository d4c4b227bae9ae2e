"""Candles as hypothesis draws them: few distinct prices, so that ties and plateaus abound."""

import numpy as np
from hypothesis import strategies as st

from levels import Candles

HOUR = 3_600_000


@st.composite
def candles(draw: st.DrawFn, least: int = 11, most: int = 160) -> Candles:
    """Adversarial candles: ties, flat stretches, jumps, zero volume, gaps in time, huge and tiny prices."""
    n = draw(st.integers(least, most))
    grid = draw(st.sampled_from([3, 12, 1000]))
    tick = draw(st.sampled_from([1e-9, 0.001, 1.0, 1e9]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    walk = np.abs(np.cumsum(rng.integers(-grid // 3, grid // 3 + 1, n))) + draw(st.sampled_from([1, 500]))
    close = walk.astype(float)
    open_ = np.concatenate(([close[0]], close[:-1]))
    if draw(st.booleans()):
        close[draw(st.integers(0, n - 1))] *= 25.0
    high = np.maximum(open_, close) + rng.integers(0, 3, n)
    low = np.maximum(np.minimum(open_, close) - rng.integers(0, 3, n), 0.5)
    low = np.minimum(low, np.minimum(open_, close))
    steps = np.where(rng.random(n) < 0.05, rng.integers(1, 300, n), 1)
    volume = rng.random(n) * draw(st.sampled_from([0.0, 1.0, 1e12]))
    return Candles(np.cumsum(steps) * HOUR, *(tick * x for x in (open_, high, low, close)), volume)
