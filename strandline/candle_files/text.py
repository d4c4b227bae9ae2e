"""Splits a text file into a table: finds the separator, the line of the header, and how numbers are written."""

import csv
import re
from collections.abc import Sequence

from strandline.candle_files.columns import is_header
from strandline.candle_files.table import InvalidCandleFile, Table

_SEPARATORS = ("\t", ";", "|", ",")
_MIN_CELLS = 5
_MAX_TITLES = 10
"""Lines before the header: a title, the address of the source."""

_HAS_DIGIT = re.compile(r"\d")
_COMMA_LAST = re.compile(r"-?[\d.]*\d,\d+")
"""One comma, and no point after it: 43.210,5 and 43210,5, but 43,210 as well."""
_GROUPED = re.compile(r"-?[1-9]\d{0,2}(?:,\d{3})+")
"""43,210 or 1,043,210: every comma may separate thousands."""
_MILLIONS = re.compile(r"-?[1-9]\d{0,2}(?:,\d{3}){2,}")
_POINT_DECIMAL = re.compile(r"-?(?:\d{1,3}(?:,\d{3})+|\d+)\.\d+")
"""43,210.5 and 43210.5."""


def decode(data: bytes) -> str:
    """Return the text of a file in UTF-8 or UTF-16 (MetaTrader), with or without a byte order mark, or in Latin-1."""
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return data.decode("utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def read_text(text: str) -> Table:
    """Return the table in `text`. Raises InvalidCandleFile."""
    lines = [(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if not lines:
        raise InvalidCandleFile("no candles; the first line names the columns, then one candle a line")
    separator = _find_separator([line for _, line in lines[: _MAX_TITLES + 20]])
    cells = csv.reader((line for _, line in lines), delimiter=separator, skipinitialspace=True)
    rows = [(number, [cell.strip() for cell in row]) for (number, _), row in zip(lines, cells, strict=False)]
    start = _find_start(rows)
    header = rows[start][1] if is_header(rows[start][1]) else None
    body = rows[start + (header is not None) :]
    if not body:
        raise InvalidCandleFile("no candles; the first line names the columns, then one candle a line")
    return Table(header, body, _uses_decimal_comma(body, separator))


def _find_separator(lines: Sequence[str]) -> str:
    """Return the separator that splits most lines into enough cells."""
    counts = {mark: sum(line.count(mark) >= _MIN_CELLS - 1 for line in lines) for mark in _SEPARATORS}
    best = max(_SEPARATORS, key=lambda mark: counts[mark])
    if not counts[best]:
        raise InvalidCandleFile(
            f"line 1 is {lines[0][:80]!r}: no line has {_MIN_CELLS} values separated by comma, semicolon or tab"
        )
    return best


def _find_start(rows: Sequence[tuple[int, Sequence[str]]]) -> int:
    """Return the index of the header, or of the first candle where there is none."""
    for index, (_, cells) in enumerate(rows[: _MAX_TITLES + 1]):
        if is_header(cells):
            return index
    first = next((i for i, (_, cells) in enumerate(rows[: _MAX_TITLES + 1]) if _is_data(cells)), None)
    if first is not None and (not first or len(rows[first - 1][1]) != len(rows[first][1])):
        return first
    number, names = rows[max(0, (first or 0) - 1)]
    raise InvalidCandleFile(
        f"line {number} names {', '.join(names)[:200]}: columns for time, open, high, low and close are needed"
    )


def _is_data(cells: Sequence[str]) -> bool:
    return sum(bool(_HAS_DIGIT.search(cell)) for cell in cells) >= _MIN_CELLS


def _uses_decimal_comma(rows: Sequence[tuple[int, Sequence[str]]], separator: str) -> bool:
    """Return whether commas begin decimals; where every one could separate thousands, the separator decides.

    Semicolons separate because commas are decimal; in cells of another file commas separate thousands.
    """
    cells = [cell for _, row in rows for cell in row if "," in cell]
    if any(_POINT_DECIMAL.fullmatch(cell) or _MILLIONS.fullmatch(cell) for cell in cells):
        return False
    written = [cell for cell in cells if _COMMA_LAST.fullmatch(cell)]
    if not all(_GROUPED.fullmatch(cell) for cell in written):
        return True
    return bool(written) and separator == ";"
