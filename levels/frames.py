"""Read the columns of a pandas, polars or pyarrow frame, or a dict of arrays, without importing any of them."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np

from levels.errors import InvalidCandles

COLUMNS: Final = ("time", "open", "high", "low", "close", "volume")
TIME_NAMES: Final = ("time", "timestamp", "timestamp_ms", "open_time", "datetime", "date")
"""Names under which the open times are searched, in this order; cases are ignored."""


def read_columns(frame: Any, columns: Mapping[str, str]) -> dict[str, np.ndarray]:
    """Return the six columns of candles as arrays, time in ms.

    columns: the frame's own name of a column, as in {"volume": "vol"}. A pandas frame may have its times in a
    DatetimeIndex. Raises InvalidCandles naming a missing column and what the frame has.
    """
    unknown = sorted(set(columns) - set(COLUMNS))
    if unknown:
        raise InvalidCandles(f"columns names {', '.join(unknown)}: use {', '.join(COLUMNS)}")
    names = [str(name) for name in _names(frame)]
    found = {}
    for column in COLUMNS:
        name = _find(column, names, columns.get(column))
        if name is not None:
            values = frame[name]
        elif column == "time" and _has_time_index(frame):
            values = frame.index
        else:
            raise InvalidCandles(_missing(column, names, columns.get(column)))
        found[column] = _to_ms(values) if column == "time" else np.asarray(values)
    return found


def _names(frame: Any) -> Iterable[Any]:
    if isinstance(frame, Mapping):
        return list(frame)
    names = getattr(frame, "column_names", None)  # pyarrow; its `columns` are the data
    if names is None:
        names = getattr(frame, "columns", None)
    if names is None:
        raise InvalidCandles(
            f"{type(frame).__name__} has no columns: pass a pandas or polars frame, or a dict"
        )
    return list(names)


def _find(column: str, names: list[str], own_name: str | None) -> str | None:
    if own_name is not None:
        return own_name if own_name in names else None
    by_lower: dict[str, str] = {}
    for name in names:
        by_lower.setdefault(name.lower(), name)
    wanted = TIME_NAMES if column == "time" else (column,)
    return next((by_lower[name] for name in wanted if name in by_lower), None)


def _has_time_index(frame: Any) -> bool:
    return getattr(getattr(getattr(frame, "index", None), "dtype", None), "kind", "") == "M"


def _missing(column: str, names: list[str], own_name: str | None) -> str:
    searched = own_name or (" or ".join(TIME_NAMES) if column == "time" else column)
    return (
        f"no column {searched}: the frame has {', '.join(names) or 'no columns'}; "
        f"name it with columns={{{column!r}: ...}}"
    )


def _to_ms(values: Any) -> np.ndarray:
    """Return integer ms; dates and times with or without a zone are converted, numbers are taken for ms."""
    array = np.asarray(values)
    if array.dtype.kind == "O":  # pandas gives objects for times with a zone
        try:
            array = np.asarray(values, dtype="datetime64[ns]")
        except (TypeError, ValueError) as error:
            raise InvalidCandles(f"time holds a value that is not a time: {error}") from error
    if array.dtype.kind == "M":
        if np.isnat(array).any():
            raise InvalidCandles(f"time at candle {int(np.flatnonzero(np.isnat(array))[0])} is missing")
        return array.astype("datetime64[ms]").astype(np.int64)
    return array
