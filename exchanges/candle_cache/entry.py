"""An entry of the candle cache, which is bounded by bytes."""

from dataclasses import dataclass

from exchanges.ports import Series

_ROW_BYTES = 48
_OVERHEAD = 2_048
"""Bytes of the objects around the numbers; generous."""


@dataclass(frozen=True, slots=True)
class CachedSeries:
    """A market's newest `limit` candles (fewer where it has no more), and when a full fetch last returned them.

    `unconfirmed`: has gaps that only one full fetch has shown so far.
    """

    series: Series
    limit: int
    fetched_at: float
    unconfirmed: bool

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.series.closed) * _ROW_BYTES + _OVERHEAD
