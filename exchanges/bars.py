"""Bars as plain columns: what an exchange sent, before anyone vouches for it. May be empty, unsorted or broken."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from levels import Candles
from levels.candles import PRICE_MAX, PRICE_MIN, VOLUME_MAX
from runtime.errors import Transient

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_LATEST_MS = 1e14
"""The year 5138; what lies beyond is no time in ms."""


@dataclass(frozen=True, slots=True, eq=False)
class Bars:
    """time (n,) int64 open times in ms; open, high, low, close, volume (n,) float64."""

    time: IntArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray

    def __len__(self) -> int:
        return int(self.time.size)

    def __getitem__(self, part: slice | IntArray | NDArray[np.bool_]) -> Self:
        time, opens, high, low, close, volume = self.columns()
        return type(self)(time[part], opens[part], high[part], low[part], close[part], volume[part])

    def columns(self) -> tuple[IntArray, FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
        return self.time, self.open, self.high, self.low, self.close, self.volume

    def candles(self) -> Candles:
        """Vouched for. Raises InvalidCandles: tidy bars first."""
        return Candles(*self.columns())

    @classmethod
    def empty(cls) -> Self:
        none = np.empty(0)
        return cls(np.empty(0, np.int64), none, none, none, none, none)

    @classmethod
    def joined(cls, parts: Sequence["Bars"]) -> Self:
        """`parts` one behind the other, as they are."""
        if not parts:
            return cls.empty()
        return cls(*(np.concatenate(columns) for columns in zip(*(p.columns() for p in parts), strict=True)))

    @classmethod
    def of_rows(cls, rows: object) -> Self:
        """From ccxt's `[[ms, open, high, low, close, volume], ...]`; a missing value becomes NaN.

        Raises Transient where this is no such list: an answer that broke off, or a page that is not the exchange's.
        """
        if not isinstance(rows, list):
            raise Transient(f"the exchange answered {type(rows).__name__} where candles were expected")
        if not rows:
            return cls.empty()
        try:
            table = np.array([row[:6] for row in rows], dtype=np.float64)
            times, opens, high, low, close, volume = table.reshape(len(rows), 6).T
        except (TypeError, ValueError, KeyError) as error:
            raise Transient(f"the exchange sent candles that cannot be read: {error}") from error
        with np.errstate(invalid="ignore"):
            sane = (times > 0) & (times < _LATEST_MS)
        return cls(np.where(sane, times, 0).astype(np.int64), opens, high, low, close, volume)


def tidied(bars: Bars) -> Bars:
    """Sorted by time, each time once (the later row of two wins), rows without sense left out.

    Left out is a row whose numbers are not finite, not positive (a volume may be 0), or contradict one another.
    """
    prices = np.stack((bars.open, bars.high, bars.low, bars.close, bars.volume))
    body_low, body_high = np.minimum(bars.open, bars.close), np.maximum(bars.open, bars.close)
    with np.errstate(invalid="ignore"):
        sane = np.isfinite(prices).all(axis=0) & (bars.time > 0)
        sane &= (bars.low >= PRICE_MIN) & (bars.high <= PRICE_MAX)
        sane &= (bars.volume >= 0) & (bars.volume <= VOLUME_MAX)
        sane &= (bars.low <= body_low) & (body_high <= bars.high)
    kept = bars[sane]
    _, last = np.unique(kept.time[::-1], return_index=True)
    return kept[len(kept) - 1 - last]
