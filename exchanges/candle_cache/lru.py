"""What is kept of markets, the least recently used thrown out first. Bounded by bytes."""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

from exchanges.ports import Series

_ROW_BYTES = 48
_OVERHEAD = 2_048
"""Bytes of the objects around the numbers; generous."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A market's newest `limit` candles (fewer where it has no more), and when a full fetch last brought them.

    `doubtful`: with gaps that only one full fetch has shown so far.
    """

    series: Series
    limit: int
    fetched_at: float
    doubtful: bool

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.series.closed) * _ROW_BYTES + _OVERHEAD


class KeptSeries:
    """By market. Holds at most `most_bytes`; a series larger than that is not kept at all."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()
        self.size = 0

    def get(self, key: Hashable) -> Kept | None:
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def put(self, key: Hashable, kept: Kept) -> None:
        self.drop(key)
        self._kept[key] = kept
        self.size += kept.size
        while self.size > self._most:
            self.drop(next(iter(self._kept)))

    def drop(self, key: Hashable) -> None:
        if gone := self._kept.pop(key, None):
            self.size -= gone.size
