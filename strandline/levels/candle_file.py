"""Read candles from a CSV file: `timestamp_ms,open,high,low,close,volume`, oldest first or not."""

import csv
from pathlib import Path

import numpy as np

from levels import Candles

_COLUMNS = ("open", "high", "low", "close", "volume")
_TIMES = ("timestamp_ms", "timestamp", "time", "open_time")


class InvalidCandleFile(ValueError):
    """The file can't be read as candles; the message gives the line and the reason."""


def read_candles(path: Path, *, leave_out_last: bool = False) -> Candles:
    """Read closed candles; of two rows with one time the later counts. Raises InvalidCandleFile.

    leave_out_last: the last candle has not closed.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as lines:
            rows = list(csv.DictReader(lines))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidCandleFile(f"{path}: {error}") from None
    if not rows:
        raise InvalidCandleFile(
            f"{path}: no candles: the first line must name the columns, then one candle a line"
        )
    time = next((name for name in _TIMES if name in rows[0]), None)
    missing = [name for name in _COLUMNS if name not in rows[0]]
    if time is None or missing:
        raise InvalidCandleFile(f"{path}: the first line must name timestamp_ms,{','.join(_COLUMNS)}")
    by_time = {_parse_number(path, line, row, time): (line, row) for line, row in enumerate(rows, start=2)}
    ordered = [by_time[stamp] for stamp in sorted(by_time)][: -1 if leave_out_last else None]
    columns = {
        name: np.array([_parse_number(path, line, row, name) for line, row in ordered]) for name in _COLUMNS
    }
    times = np.array([int(_parse_number(path, line, row, time)) for line, row in ordered], dtype=np.int64)
    try:
        return Candles(time=times, **columns)
    except ValueError as error:
        raise InvalidCandleFile(f"{path}: {error}") from None


def _parse_number(path: Path, line: int, row: dict[str, str], column: str) -> float:
    try:
        return float(row[column])
    except (TypeError, ValueError):
        raise InvalidCandleFile(f"{path}, line {line}: {column} is {row[column]!r}, not a number") from None
