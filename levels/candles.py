"""Candles as validated, read-only arrays: a `Candles` instance needs no further checks."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from levels.errors import InvalidCandles
from levels.frames import read_columns

__all__ = ["Candles", "InvalidCandles"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

PRICE_MIN = 1e-30
PRICE_MAX = 1e30
VOLUME_MAX = 1e60
"""No market trades beyond these, and sums of products of prices would overflow."""

_FIELDS = ("time", "open", "high", "low", "close", "volume")


@dataclass(frozen=True, slots=True, eq=False)
class Candles:
    """Closed candles, oldest first.

    time    (n,) int64, open times in ms, strictly increasing (holes are allowed)
    open, high, low, close    (n,) float64, prices, positive, low <= open, close <= high
    volume  (n,) float64, not negative

    The arrays are copies that cannot be written to. Raises InvalidCandles.
    """

    time: IntArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray

    def __init__(
        self,
        time: ArrayLike,
        open: ArrayLike,  # noqa: A002 - the field's own word
        high: ArrayLike,
        low: ArrayLike,
        close: ArrayLike,
        volume: ArrayLike,
    ) -> None:
        put = object.__setattr__
        put(self, "time", _check_times(time))
        columns = (("open", open), ("high", high), ("low", low), ("close", close), ("volume", volume))
        for name, values in columns:
            put(self, name, _check_column(name, values, self.time.size))
        _check_shape_of_bars(self)

    @classmethod
    def from_frame(cls, frame: Any, *, columns: Mapping[str, str] | None = None) -> "Candles":
        """Read a pandas, polars or pyarrow frame, or a dict of arrays; none of them is imported.

        Columns are time (or timestamp, open_time, date, ... or a DatetimeIndex), open, high, low, close, volume,
        in any case; `columns` maps these names to other ones, as in {"volume": "vol"}. Times are datetimes or ms.
        Raises InvalidCandles, which names a missing column and those that the frame has.
        """
        return cls(**read_columns(frame, columns or {}))

    def __len__(self) -> int:
        return int(self.time.size)

    def __getitem__(self, part: slice) -> "Candles":
        """Return the candles of a slice with step 1 as views, without repeating the checks."""
        if part.step not in {None, 1}:
            raise InvalidCandles("a slice of candles has step 1")
        piece = object.__new__(Candles)
        for name in _FIELDS:
            object.__setattr__(piece, name, getattr(self, name)[part])
        return piece

    @classmethod
    def of_bar(
        cls,
        time: int,
        open: float,  # noqa: A002 - the field's own word
        high: float,
        low: float,
        close: float,
        volume: float,
    ) -> "Candles":
        """Return one candle, as from lists of one number each in a fifth of the time. Raises InvalidCandles."""
        values = (time, open, high, low, close, volume)
        is_valid = PRICE_MIN <= low <= open <= high <= PRICE_MAX and low <= close <= high
        if not (is_valid and 0.0 <= volume <= VOLUME_MAX):
            return cls(*([value] for value in values))  # the error names the column
        return cls.of_valid((np.array([time], np.int64), *(np.array([float(value)]) for value in values[1:])))

    @classmethod
    def of_valid(cls, columns: Iterable[NDArray[Any]]) -> "Candles":
        """Return columns as candles, in the order of the fields: not copied, as they come from other candles."""
        candles = object.__new__(cls)
        for name, column in zip(_FIELDS, columns, strict=True):
            column.flags.writeable = False
            object.__setattr__(candles, name, column)
        return candles

    def followed_by(self, later: "Candles", keep: int) -> "Candles":
        """Return the newest `keep` of these candles and `later` ones, without repeating the checks of either.

        Raises InvalidCandles where `later` does not begin after these.
        """
        if len(self) and len(later) and later.time[0] <= self.time[-1]:
            raise InvalidCandles(f"time does not increase at candle {len(self)}: sort and de-duplicate")
        ours, theirs = max(0, len(self) + len(later) - keep), max(0, len(later) - keep)
        return self.of_valid(
            np.concatenate((getattr(self, name)[ours:], getattr(later, name)[theirs:])) for name in _FIELDS
        )

    def digest(self, *more: float) -> str:
        """Return 16 hex digits of a SHA-256 over every array and `more`, equal on every machine."""
        sha = hashlib.sha256(self.time.astype("<i8", copy=False).data)
        for column in (self.open, self.high, self.low, self.close, self.volume):
            sha.update(column.astype("<f8", copy=False).data)
        sha.update(np.array(more, dtype="<f8").data)
        return sha.hexdigest()[:16]


def _check_times(values: ArrayLike) -> IntArray:
    raw = np.asarray(values)
    if raw.ndim != 1:
        raise InvalidCandles(f"time has {raw.ndim} dimensions, not one")
    if raw.dtype.kind == "f" and not (np.isfinite(raw).all() and (raw == np.floor(raw)).all()):
        raise InvalidCandles("time holds values that are not whole milliseconds")
    if raw.size and raw.dtype.kind not in "iuf":
        raise InvalidCandles(f"time is {raw.dtype}, not integer milliseconds")
    times: IntArray = raw.astype(np.int64)
    bad = np.flatnonzero(times[1:] <= times[:-1])
    if bad.size:
        raise InvalidCandles(f"time does not increase at candle {int(bad[0]) + 1}: sort and de-duplicate")
    times.flags.writeable = False
    return times


def _check_column(name: str, values: ArrayLike, size: int) -> FloatArray:
    try:
        column: FloatArray = np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidCandles(f"{name} holds a value that is not a number: {error}") from error
    if column.shape != (size,):
        raise InvalidCandles(f"{name} has shape {column.shape}, time has ({size},)")
    low, high = (0.0, VOLUME_MAX) if name == "volume" else (PRICE_MIN, PRICE_MAX)
    # Written as `not (...)` so that NaN fails as well: every comparison with NaN is false.
    if size and not (column.min() >= low and column.max() <= high):
        bad = int(np.flatnonzero(~((column >= low) & (column <= high)))[0])
        raise InvalidCandles(f"{name} at candle {bad} is {column[bad]}, not a number in [{low:g}, {high:g}]")
    column.flags.writeable = False
    return column


def _check_shape_of_bars(candles: Candles) -> None:
    ordered = (("low", "open"), ("low", "close"), ("open", "high"), ("close", "high"))
    for below, above in ordered:
        bad = np.flatnonzero(getattr(candles, below) > getattr(candles, above))
        if bad.size:
            raise InvalidCandles(f"{below} is above {above} at candle {int(bad[0])}")


def candle_period(time: IntArray) -> int:
    """Return the median distance of two candles in ms, which holes do not affect; 0 for fewer than two."""
    return int(np.median(np.diff(time))) if time.size > 1 else 0


def find_holes(time: IntArray, longer_than: int) -> IntArray:
    """Return the index of each candle that follows a hole of more than `longer_than` missing candles."""
    gap = time[1:] - time[:-1]
    # The usual case, without sorting for a median.
    if not gap.size or np.maximum.reduce(gap) <= (longer_than + 1) * np.minimum.reduce(gap):
        return np.zeros(0, dtype=np.int64)
    return np.flatnonzero(gap > (longer_than + 1) * candle_period(time)) + 1
