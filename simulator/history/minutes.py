"""Splits hours into sixty minutes each, which add up to the hour to the last tick and lot."""

import numpy as np
from numpy.typing import NDArray

from exchanges.bars import FloatArray
from simulator.history.noise import Noise

_STEP, _WICK_UP, _WICK_DOWN, _WEIGHT = range(40, 44)


def split_hours(noise: Noise, first_hour: int, hours: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return (5, 60 n) from (5, n), rows open, high, low, close in ticks and volume in lots.

    The first minute opens and the last closes as the hour does; the highest minute reaches its high, the lowest its
    low; volumes sum up.
    """
    opened, high, low, closed, lots = hours[:, :, None]
    hour = np.arange(first_hour, first_hour + hours.shape[1], dtype=np.int64)
    index = hour[:, None] * 64 + np.arange(60)
    path = _bridge(noise.normal(_STEP, index), opened, closed, high, low)
    begin, end = path[:, :-1], path[:, 1:]
    wick = (high - low) / 40.0
    up = np.maximum(begin, end) + np.round(wick * noise.uniform(_WICK_UP, index) * 2).astype(np.int64)
    down = np.minimum(begin, end) - np.round(wick * noise.uniform(_WICK_DOWN, index) * 2).astype(np.int64)
    top, bottom = np.minimum(up, high), np.maximum(down, low)
    rows = np.arange(len(hour))
    top[rows, top.argmax(axis=1)] = high[:, 0]
    bottom[rows, bottom.argmin(axis=1)] = low[:, 0]
    return np.stack((begin, top, bottom, end, _shares(noise.uniform(_WEIGHT, index), lots))).reshape(5, -1)


def _bridge(
    steps: FloatArray,
    opened: NDArray[np.int64],
    closed: NDArray[np.int64],
    high: NDArray[np.int64],
    low: NDArray[np.int64],
) -> NDArray[np.int64]:
    """(n, 61) ticks: a walk from open to close that stays between low and high."""
    path = np.concatenate((np.zeros((len(steps), 1)), np.cumsum(steps, axis=1)), axis=1)
    share = np.arange(61) / 60.0
    free = path - path[:, -1:] * share
    scaled = opened + (closed - opened) * share + free * (high - low) / 10.0
    return np.clip(np.round(scaled), low, high).astype(np.int64)


def _shares(weights: FloatArray, lots: NDArray[np.int64]) -> NDArray[np.int64]:
    """(n, 60) whole lots that add up to (n, 1) `lots`."""
    cumulative = np.cumsum(0.2 + weights, axis=1)
    rounded = np.floor(lots * (cumulative / cumulative[:, -1:])).astype(np.int64)
    rounded[:, -1:] = lots
    return np.diff(rounded, axis=1, prepend=0)
