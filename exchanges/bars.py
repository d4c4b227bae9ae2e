"""Bars as plain columns: what an exchange sent, not validated. May be empty, unsorted or broken."""

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

_MAX_TIME = 9e18
"""A larger number is no unix time, not even in ns."""


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

    def to_candles(self) -> Candles:
        """Return validated candles. Raises InvalidCandles: call `clean_bars` first."""
        return Candles(*self.columns())

    @classmethod
    def empty(cls) -> Self:
        none = np.empty(0)
        return cls(np.empty(0, np.int64), none, none, none, none, none)

    @classmethod
    def concat(cls, parts: Sequence["Bars"]) -> Self:
        """Return `parts` one after the other, unchanged."""
        if not parts:
            return cls.empty()
        return cls(*(np.concatenate(columns) for columns in zip(*(p.columns() for p in parts), strict=True)))

    @classmethod
    def from_rows(cls, rows: object) -> Self:
        """Read ccxt's `[[ms, open, high, low, close, volume], ...]`; a missing value becomes NaN.

        Raises Transient for anything else: a truncated answer, or a page that is not the exchange's.
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
            is_time = (times > 0) & (times < _MAX_TIME)
        return cls(np.where(is_time, times, 0).astype(np.int64), opens, high, low, close, volume)


def clean_bars(bars: Bars) -> Bars:
    """Return bars sorted by time, each time once (the later of two rows wins), without unusable rows, repaired.

    See `find_usable` and `repair_bars`.
    """
    kept, _, _ = repair_bars(bars[find_usable(bars)])
    _, last = np.unique(kept.time[::-1], return_index=True)
    return kept[len(kept) - 1 - last]


def find_usable(bars: Bars) -> NDArray[np.bool_]:
    """Return (n,) whether a row has a time and four finite prices within the bounds of `levels`."""
    prices = np.stack((bars.open, bars.high, bars.low, bars.close))
    with np.errstate(invalid="ignore"):
        in_bounds = (prices >= PRICE_MIN) & (prices <= PRICE_MAX)
    usable: NDArray[np.bool_] = in_bounds.all(axis=0) & (bars.time > 0)
    return usable


def repair_bars(bars: Bars) -> tuple[Bars, NDArray[np.bool_], NDArray[np.bool_]]:
    """Return bars whose range contains open and close and whose volume is a number, and which rows were changed.

    Some exchanges set the open to the previous close, which may lie outside low..high, and send null as the volume of
    a candle without trades.
    """
    high = np.maximum.reduce((bars.open, bars.high, bars.low, bars.close)) if len(bars) else bars.high
    low = np.minimum.reduce((bars.open, bars.high, bars.low, bars.close)) if len(bars) else bars.low
    with np.errstate(invalid="ignore"):
        counted = np.isfinite(bars.volume) & (bars.volume >= 0) & (bars.volume <= VOLUME_MAX)
    volume = np.where(counted, bars.volume, 0.0)
    widened = (high != bars.high) | (low != bars.low)
    return Bars(bars.time, bars.open, high, low, bars.close, volume), widened, ~counted
