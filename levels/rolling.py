"""Rolling means and maxima, built by doubling.

A window of w is put together from windows of 1, 2, 4, ..., so it costs log2(w) passes, and a value
depends on the bars of its window only: cumulative sums would let a bar far away change the last digit.
"""

from functools import reduce
from operator import add

import numpy as np

from levels.candles import FloatArray


def rolling_max(values: FloatArray, window: int, start: FloatArray | None = None, of: int = 1) -> FloatArray:
    """Return the maxima of `window` neighbours: out[i] = max(values[i : i + window]), shape (n - window + 1,).

    `start` may hold the maxima of `of` neighbours, already known, to begin from.
    """
    best, have = (values, 1) if start is None else (start, of)
    while have < window:
        step = min(have, window - have)
        best = np.maximum(best[:-step], best[step:])
        have += step
    return best


def trailing_mean(values: FloatArray, window: int) -> FloatArray:
    """Return (n,) means of the last `window` values up to each, of fewer at the beginning."""
    n = values.size
    power: FloatArray = np.concatenate((np.zeros(window - 1), values))
    total: FloatArray = np.zeros(n)
    width, taken = 1, 0
    while True:
        if window & width:
            total += power[taken : taken + n]
            taken += width
        if taken == window:
            return total / np.minimum(np.arange(1, n + 1), window)
        power = power[:-width] + power[width:]
        width *= 2


def median(values: FloatArray) -> float:
    """Return what `np.median` returns for finite values, in half the time."""
    middle, ordered = values.size // 2, values.copy()
    if values.size % 2:
        ordered.partition(middle)
        return float(ordered[middle])
    ordered.partition((middle - 1, middle))
    low, high = ordered[middle - 1 : middle + 1].tolist()
    return float((low + high) / 2.0)


def mean_in_order(values: FloatArray) -> float:
    """Return the mean, added up in an order that is the same on every machine; 0 for no values.

    Columns of 64 are added element by element, then what remains one after another: how numpy orders a sum within
    one row depends on its version.
    """
    if not values.size:
        return 0.0
    rows = values.size // 64
    columns = np.add.reduce(values[: 64 * rows].reshape(rows, 64), axis=0) if rows else values[:0]
    total: float = reduce(add, (*columns.tolist(), *values[64 * rows :].tolist()), 0.0)
    return total / values.size
