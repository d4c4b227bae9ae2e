"""Candles as the API hands them to its child processes: column by column. Only those import it, as it loads numpy."""

from typing import BinaryIO

import numpy as np

from levels import Candles


def read_candles(source: BinaryIO, count: int) -> Candles:
    """Read the columns of candles, each of 8 bytes a value."""
    time = np.frombuffer(source.read(8 * count), dtype="<i8")
    return Candles(time, *(np.frombuffer(source.read(8 * count), dtype="<f8") for _ in range(5)))
