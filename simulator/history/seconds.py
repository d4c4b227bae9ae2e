"""A synthetic minute, second by second, so that prices move visibly."""

import numpy as np

from exchanges.bars import Bars, FloatArray
from simulator.history.noise import Noise

SECOND = 1_000
_JITTER_STREAM = 50
_SHARE = 0.35
"""How far the price strays from its path, as a part of the minute's range."""


def partial_minute(noise: Noise, minute: Bars, second: int, decimals: int) -> Bars:
    """Return one minute's candle (a `Bars` of length 1) as it looks in its `second` (0 to 59).

    The price moves from the open to the nearer extreme, to the other one, and to the close, a third of the time each,
    with noise on the way; nothing later shows in it. Prices are rounded to `decimals`.
    """
    path = _path(noise, minute)[: second + 1].round(decimals)
    return Bars(
        minute.time,
        minute.open,
        path.max(keepdims=True),
        path.min(keepdims=True),
        path[-1:],
        (minute.volume * second / 60).round(8),
    )


def _path(noise: Noise, minute: Bars) -> FloatArray:
    """Return (61,) the price in each second, and at the end; contains the open, both extremes and the close."""
    opened, high, low, closed = (
        float(column[0]) for column in (minute.open, minute.high, minute.low, minute.close)
    )
    turns = (opened, low, high, closed) if closed >= opened else (opened, high, low, closed)
    way = np.interp(np.arange(61), (0, 20, 40, 60), turns)
    index = int(minute.time[0]) // (60 * SECOND) * 64 + np.arange(61, dtype=np.int64)
    strayed = way + (noise.uniform(_JITTER_STREAM, index) - 0.5) * _SHARE * (high - low)
    strayed[[0, 20, 40, 60]] = turns
    return np.clip(strayed, low, high)
