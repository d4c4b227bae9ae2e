"""Write rows of levels as CSV, Parquet or an Arrow file (Feather), batch by batch, to a stream that cannot seek."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, BinaryIO, Protocol

from api.export.formats import Format
from api.export.rows import COLUMNS, Row
from runtime.errors import ConfigurationError
from schemas.values import from_ms

BATCH_ROWS = 10_000
"""Rows in memory at once, and in one row group of a file."""

_TIMES = tuple(number for number, column in enumerate(COLUMNS) if column.kind == "time")


class RowWriter(Protocol):
    """Writes batches of rows; `close` finishes the file, and leaves the stream open."""

    def write(self, rows: Sequence[Row]) -> None: ...

    def close(self) -> None: ...


def write_rows(rows: Iterable[Row], sink: BinaryIO, format_: Format) -> None:
    """Write a whole file. Raises ConfigurationError where pyarrow is needed and not installed."""
    writer = open_writer(sink, format_)
    for batch in _batches(rows):
        writer.write(batch)
    writer.close()


def open_writer(sink: BinaryIO, format_: Format) -> RowWriter:
    """Open a writer. Raises ConfigurationError where pyarrow is needed and not installed."""
    return _CsvWriter(sink) if format_ == "csv" else _ArrowWriter(sink, format_)


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    remaining = iter(rows)
    while batch := list(islice(remaining, BATCH_ROWS)):
        yield batch


class _CsvWriter:
    def __init__(self, sink: BinaryIO) -> None:
        self._sink = sink
        self._write_lines([[column.name for column in COLUMNS]])

    def write(self, rows: Sequence[Row]) -> None:
        self._write_lines(_format_times(row) for row in rows)

    def close(self) -> None: ...

    def _write_lines(self, lines: Iterable[Sequence[object]]) -> None:
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerows(lines)
        self._sink.write(text.getvalue().encode())


def _format_times(row: Row) -> list[object]:
    cells = list(row)
    for number in _TIMES:
        time = cells[number]
        if isinstance(time, int):
            cells[number] = from_ms(time).isoformat().replace("+00:00", "Z")
    return cells


class _ArrowWriter:
    def __init__(self, sink: BinaryIO, format_: Format) -> None:
        try:
            # Imported here: an optional extra, which CSV does not need.
            import pyarrow  # noqa: PLC0415
            import pyarrow.parquet  # noqa: PLC0415
        except ImportError:
            raise ConfigurationError(
                f"{format_} needs pyarrow: install strandline[arrow], or use csv"
            ) from None
        self._arrow: Any = pyarrow
        types = {
            "time": pyarrow.timestamp("ms", tz="UTC"),
            "text": pyarrow.string(),
            "float": pyarrow.float64(),
            "int": pyarrow.int64(),
        }
        self._schema = pyarrow.schema([(column.name, types[column.kind]) for column in COLUMNS])
        self._file = pyarrow.PythonFile(sink, mode="w")
        self._writer: Any = (
            pyarrow.parquet.ParquetWriter(self._file, self._schema, compression="zstd")
            if format_ == "parquet"
            else pyarrow.ipc.new_file(self._file, self._schema)
        )

    def write(self, rows: Sequence[Row]) -> None:
        arrays = [
            self._arrow.array(values, type=field.type)
            for values, field in zip(zip(*rows, strict=True), self._schema, strict=True)
        ]
        self._writer.write_batch(self._arrow.record_batch(arrays, schema=self._schema))

    def close(self) -> None:
        self._writer.close()
