"""A candle file as a table of cells with a header, before the cells are understood."""

from collections.abc import Sequence
from dataclasses import dataclass


class InvalidCandleFile(ValueError):
    """The file can't be read as candles; the message gives the column or line, and what the file has."""


@dataclass(frozen=True, slots=True)
class Table:
    """`header` is None where the file names no columns. `rows` holds (line number, cells).

    decimal_comma   numbers are written 43210,5
    """

    header: Sequence[str] | None
    rows: Sequence[tuple[int, Sequence[str]]]
    decimal_comma: bool = False
