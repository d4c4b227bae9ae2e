"""Pivots: bars whose high (or low) stands out over `order` bars on both sides."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from levels.candles import FloatArray, IntArray
from levels.rolling import rolling_max

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Pivots:
    """Local extremes in order of time (a high before a low), one per bar and kind however many orders find it.

    bar          (m,) int64, index of the candle
    is_high      (m,) bool
    price        (m,) float64, the bar's high or low
    windows      (m,) int64, bit k set: confirmed for orders[k], all its bars on both sides being there
    provisional  (m,) int64, bit k set: stands out over the bars there are, fewer than orders[k] on one side
    """

    orders: tuple[int, ...]
    bar: IntArray
    is_high: NDArray[np.bool_]
    price: FloatArray
    windows: IntArray
    provisional: IntArray

    def __len__(self) -> int:
        return int(self.bar.size)


def find_pivots(
    high: FloatArray, low: FloatArray, orders: tuple[int, ...] = (5, 10, 20, 30), *, plateaus: bool = False
) -> Pivots:
    """Find the pivots of (n,) highs and lows for every order at once; `orders` ascend.

    For each order the confirmed ones are those of `scipy.signal.argrelextrema(..., mode="clip")` on
    [order, n - order): strictly beyond every bar within `order`. Nearer to an end they are provisional.
    With `plateaus` the first of several equal bars counts: strictly beyond the `order` bars before it,
    and not exceeded by the `order` bars after it.
    """
    n, pad = high.size, orders[-1]
    # Both kinds in one array, lows upside down, apart from one another by as much as the largest window.
    x = np.full(2 * n + 3 * pad, -np.inf)
    x[pad : pad + n] = high
    np.negative(low, out=x[2 * pad + n : 2 * pad + 2 * n])
    at, masks = _find_extremes(x, orders, plateaus=plateaus)
    is_low = at >= 2 * pad + n
    bar = at - np.where(is_low, 2 * pad + n, pad)
    in_time = bar.argsort(kind="stable")
    bar, is_low, masks, at = bar[in_time], is_low[in_time], masks[in_time], at[in_time]
    complete = _complete_orders(bar, n, orders)
    price = np.where(is_low, -x[at], x[at])
    return Pivots(orders, bar, ~is_low, price, masks & complete, masks & ~complete)


def _find_extremes(x: FloatArray, orders: tuple[int, ...], *, plateaus: bool) -> tuple[IntArray, IntArray]:
    """Return ascending indices into x, and for each a mask of the orders over which it is an extreme.

    An extreme over a larger order is one over a smaller order, so each order tests only the remaining ones.
    """
    not_after = np.greater_equal if plateaus else np.greater
    span = rolling_max(x, orders[0])
    first = orders[0]
    inner = x[first:-first]
    out = (inner > span[: inner.size]) & not_after(inner, span[first + 1 :])
    at: IntArray = out.nonzero()[0] + first
    masks = np.ones(at.size, dtype=np.int64)
    left = np.arange(at.size)
    for k, order in enumerate(orders[1:], start=1):
        span = rolling_max(x, order, span, orders[k - 1])
        here = at[left]
        value = x[here]
        left = left[(value > span[here - order]) & not_after(value, span[here + 1])]
        masks[left] |= 1 << k
    return at, masks


def _complete_orders(bar: IntArray, n: int, orders: tuple[int, ...]) -> IntArray:
    """Return for each bar the mask of the orders whose bars all exist on both sides."""
    room = np.minimum(bar, n - 1 - bar)
    fitting = np.array(orders).searchsorted(room, side="right")
    return (np.int64(1) << fitting) - 1
