"""The pivots of every window of a series, from one pass over the whole of it.

They are those that `find_pivots` finds in the window alone. Only bars near an end of a window differ from the whole
series: whether those stand out over the bars that there are is known beforehand for every place at which it may end.
"""

import numpy as np

from levels.candles import Candles, FloatArray
from levels.pivots import BoolArray, Pivots, find_pivots
from levels.rolling import rolling_max


class SlidingPivots:
    """The pivots of a whole series, and of any window of it that is longer than two of the largest orders."""

    def __init__(self, candles: Candles, orders: tuple[int, ...], *, plateaus: bool) -> None:
        self._whole = find_pivots(candles.high, candles.low, orders, plateaus=plateaus)
        self._orders = orders
        self._edge = orders[0]
        self._values = np.stack((candles.high, -candles.low))
        self._after = _stands_until(self._values, self._edge, plateaus=plateaus)
        self._before = _stands_since(self._values, self._edge, plateaus=plateaus)
        self._fitting = np.array(orders)

    def cut(self, start: int, stop: int) -> Pivots:
        """Return the pivots of the candles [start, stop); bars are counted from `start`."""
        whole, edge = self._whole, self._edge
        low, high = np.searchsorted(whole.bar, (start + edge, stop - edge))
        place = np.arange(edge)
        first, first_is_low = np.nonzero(self._before[place, :, start + place])
        last, last_is_low = np.nonzero(self._after[edge - 1 - place, :, stop - edge + place])
        first, last = first + start, last + stop - edge
        bar = np.concatenate((first, whole.bar[low:high], last)) - start
        is_high = np.concatenate((first_is_low == 0, whole.is_high[low:high], last_is_low == 0))
        price = np.concatenate(
            (
                np.abs(self._values[first_is_low, first]),
                whole.price[low:high],
                np.abs(self._values[last_is_low, last]),
            )
        )
        masks = np.zeros(bar.size, dtype=np.int64)
        masks[first.size : first.size + int(high - low)] = (whole.windows | whole.provisional)[low:high]
        room = np.minimum(bar, stop - start - 1 - bar)
        complete = (np.int64(1) << np.searchsorted(self._fitting, room, side="right")) - 1
        return Pivots(self._orders, bar, is_high, price, masks & complete, masks & ~complete)


def _stands_until(values: FloatArray, order: int, *, plateaus: bool) -> BoolArray:
    """Return (order, 2, n): whether a bar stands out over `order` bars before it and 0, 1, ... bars after it."""
    return _stands(
        values[:, ::-1], order, first=np.greater_equal if plateaus else np.greater, then=np.greater
    )[:, :, ::-1]


def _stands_since(values: FloatArray, order: int, *, plateaus: bool) -> BoolArray:
    """Return (order, 2, n): whether a bar stands out over 0, 1, ... bars before it and `order` bars after it."""
    return _stands(values, order, first=np.greater, then=np.greater_equal if plateaus else np.greater)


def _stands(values: FloatArray, order: int, *, first: np.ufunc, then: np.ufunc) -> BoolArray:
    kinds, n = values.shape
    padded = np.full((kinds, n + 2 * order), -np.inf)
    padded[:, order:-order] = values
    out = np.empty((order, kinds, n), dtype=np.bool_)
    for kind in range(kinds):
        whole = rolling_max(padded[kind], order)
        beyond = then(values[kind], whole[order + 1 : order + 1 + n])
        for count in range(order):
            if count == 0:
                out[0, kind] = beyond
            else:
                some = rolling_max(padded[kind], count)
                out[count, kind] = beyond & first(values[kind], some[order - count : order - count + n])
    return out
