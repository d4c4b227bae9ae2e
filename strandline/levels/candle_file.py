"""Read candles from the files that exchanges, charting programs and sites export, or that other bots keep.

CSV with any common separator, JSON, Feather and Parquet (with pyarrow installed), also inside .gz and .zip. Columns
are found by name without case, or by position where there are no names; the unit of times follows from their size.
"""

import gzip
import io
import math
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from exchanges.bars import Bars, repair_bars
from exchanges.ports import Series
from levels import Candles
from strandline.candle_files.columns import Columns, find_columns
from strandline.candle_files.json_rows import read_json
from strandline.candle_files.table import InvalidCandleFile, Table
from strandline.candle_files.text import decode, read_text
from strandline.candle_files.values import parse_number, parse_times

__all__ = ["InvalidCandleFile", "read_candles", "read_series"]

STANDARD_INPUT = Path("-")

_PRICES = ("open", "high", "low", "close")
_BINARY = {".feather": "feather", ".arrow": "feather", ".parquet": "parquet"}
_MAX_PREAMBLE = 3
"""Lines between the header and the first candle, as yfinance writes them."""


def read_candles(path: Path, *, leave_out_last: bool = False) -> Candles:
    """Read closed candles; of two rows with one time the later counts. Raises InvalidCandleFile."""
    return read_series(path, leave_out_last=leave_out_last).closed


def read_series(path: Path, *, leave_out_last: bool = False) -> Series:
    """Read closed candles with notes on the rows that were left out or repaired. Raises InvalidCandleFile."""
    try:
        series = _build(_read_table(path), leave_out_last)
    except FileNotFoundError:
        raise InvalidCandleFile(f"{path}: there is no such file") from None
    except OSError as error:
        raise InvalidCandleFile(f"{path}: {error.strerror or error}") from None
    except InvalidCandleFile as error:
        raise InvalidCandleFile(f"{path}: {error}") from None
    except ValueError as error:
        raise InvalidCandleFile(f"{path}: {error}") from None
    return series


def _read_table(path: Path) -> Table:
    suffix, data = _unpack(path)
    if suffix in _BINARY:
        return _read_arrow(data, _BINARY[suffix])
    text = decode(data)
    return read_json(text) if text.lstrip()[:1] in {"[", "{"} else read_text(text)


def _unpack(path: Path) -> tuple[str, bytes]:
    """Return the suffix and the bytes of a file, or of what it packs."""
    if path == STANDARD_INPUT:
        return _unpack_unnamed(sys.stdin.buffer.read())
    data, suffixes = path.read_bytes(), [suffix.lower() for suffix in path.suffixes]
    suffix = suffixes[-1] if suffixes else ""
    if suffix == ".gz":
        return (suffixes[-2] if len(suffixes) > 1 else ""), gzip.decompress(data)
    if suffix != ".zip":
        return suffix, data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/")]
        if len(names) != 1:
            raise InvalidCandleFile(f"the archive holds {len(names)} files; one candle file is needed")
        return Path(names[0]).suffix.lower(), archive.read(names[0])


def _unpack_unnamed(data: bytes) -> tuple[str, bytes]:
    """Return a suffix for bytes without a file name, by how they begin."""
    if data.startswith(b"\x1f\x8b"):
        return _unpack_unnamed(gzip.decompress(data))
    kinds = {b"PAR1": ".parquet", b"ARRO": ".feather", b"FEA1": ".feather"}
    return kinds.get(data[:4], ""), data


def _read_arrow(data: bytes, kind: str) -> Table:
    try:
        import pyarrow.feather  # noqa: PLC0415 - an optional extra
        import pyarrow.parquet  # noqa: PLC0415
    except ImportError:
        raise InvalidCandleFile(
            f"{kind} needs pyarrow: pip install 'strandline[arrow]', or export CSV"
        ) from None
    try:
        read = pyarrow.feather.read_table if kind == "feather" else pyarrow.parquet.read_table
        columns = read(io.BytesIO(data)).to_pydict()
    except (pyarrow.ArrowException, OSError) as error:
        raise InvalidCandleFile(f"not readable as {kind}: {error}") from None
    rows = zip(*columns.values(), strict=True)
    cells = [["" if cell is None else str(cell) for cell in row] for row in rows]
    return Table(list(columns), list(enumerate(cells, start=1)))


def _build(table: Table, leave_out_last: bool) -> Series:
    columns = find_columns(table)
    rows = _skip_preamble([(line, cells) for line, cells in table.rows if any(cells)], columns)
    lines = [line for line, _ in rows]
    times = parse_times([_time_cell(cells, columns) for _, cells in rows], lines, columns.time_name)
    prices = [_read_column(rows, columns.price(name), name, table) for name in _PRICES]
    volume = [0.0] * len(rows) if columns.volume is None else _read_volume(rows, columns.volume, table)
    opens, high, low, close = (np.array(values) for values in prices)
    return _to_series(
        Bars(times, opens, high, low, close, np.array(volume)), leave_out_last, columns.volume is None
    )


def _to_series(bars: Bars, leave_out_last: bool, without_volume: bool) -> Series:
    empty = ~(
        np.isfinite(bars.open) & np.isfinite(bars.high) & np.isfinite(bars.low) & np.isfinite(bars.close)
    )
    bars = bars[~empty]
    _, last = np.unique(bars.time[::-1], return_index=True)
    bars = bars[len(bars) - 1 - last]
    if leave_out_last:
        bars = bars[:-1]
    if not len(bars):
        raise InvalidCandleFile("no candles; all rows are empty")
    contradictory = (bars.high < np.maximum(bars.open, bars.close)) | (
        bars.low > np.minimum(bars.open, bars.close)
    )
    if contradictory.mean() > 0.5:
        raise InvalidCandleFile(
            "most opens and closes lie outside low..high: the columns are in another order"
        )
    bars, _, no_volume = repair_bars(bars)
    notes = [
        (int(empty.sum()), "rows without prices were left out"),
        (int(contradictory.sum()), "rows had an open or close outside their range, which was widened"),
        (0 if without_volume else int(no_volume.sum()), "rows had no volume, taken as 0"),
        (len(bars) if without_volume else 0, "candles have no volume: the file has no such column"),
    ]
    found = tuple(f"{count} {note}" for count, note in notes if count)
    return Series(bars.to_candles(), None, (), found)


def _skip_preamble(
    rows: Sequence[tuple[int, Sequence[str]]], columns: Columns
) -> Sequence[tuple[int, Sequence[str]]]:
    for skipped in range(_MAX_PREAMBLE):
        if skipped >= len(rows) or _is_number(_cell(rows[skipped][1], columns.close)):
            return rows[skipped:]
        if not _looks_like_names(rows[skipped][1], columns):
            return rows[skipped:]
    return rows[_MAX_PREAMBLE:]


def _looks_like_names(cells: Sequence[str], columns: Columns) -> bool:
    """Return whether a row after the header holds no numbers at all: further names."""
    return not any(_is_number(_cell(cells, columns.price(name))) for name in _PRICES) and not any(
        letter.isdigit() for letter in _cell(cells, columns.time)
    )


def _is_number(cell: str) -> bool:
    try:
        return math.isfinite(parse_number(cell, decimal_comma="," in cell and "." not in cell))
    except ValueError:
        return False


def _time_cell(cells: Sequence[str], columns: Columns) -> str:
    date = _cell(cells, columns.time)
    if columns.clock is None:
        return date
    clock = _cell(cells, columns.clock)
    if clock.isdigit():
        clock = clock.zfill(6) if len(clock) > 4 else clock.zfill(4) + "00"
        clock = f"{clock[:2]}:{clock[2:4]}:{clock[4:6]}"
    return f"{date} {clock}"


def _cell(cells: Sequence[str], index: int) -> str:
    return cells[index] if index < len(cells) else ""


def _read_column(
    rows: Sequence[tuple[int, Sequence[str]]], index: int, name: str, table: Table
) -> list[float]:
    return [_read_cell(line, cells, index, name, table) for line, cells in rows]


def _read_volume(rows: Sequence[tuple[int, Sequence[str]]], index: int, table: Table) -> list[float]:
    return _read_column(rows, index, "volume", table)


def _read_cell(line: int, cells: Sequence[str], index: int, name: str, table: Table) -> float:
    if index >= len(cells):
        raise InvalidCandleFile(f"line {line}: {name} is missing; the line has {len(cells)} values")
    try:
        return parse_number(cells[index], decimal_comma=table.decimal_comma)
    except ValueError:
        raise InvalidCandleFile(f"line {line}: {name} is {cells[index]!r}, not a number") from None
