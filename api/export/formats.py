"""The formats of an export."""

from typing import Literal, get_args

Format = Literal["parquet", "csv", "arrow"]
FORMATS: tuple[Format, ...] = get_args(Format)
MEDIA_TYPES: dict[Format, str] = {
    "parquet": "application/vnd.apache.parquet",
    "csv": "text/csv; charset=utf-8",
    "arrow": "application/vnd.apache.arrow.file",
}

HISTORY_CANDLES = 2_000
"""Candles of each analysis, its last one included."""
