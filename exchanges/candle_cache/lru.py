"""Cached series by market; the least recently used is evicted first. Bounded by bytes."""

from collections import OrderedDict
from collections.abc import Hashable
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


class SeriesCache:
    """Holds at most `max_bytes`; a series larger than that is not stored at all."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._entries: OrderedDict[Hashable, CachedSeries] = OrderedDict()
        self.size = 0

    def get(self, key: Hashable) -> CachedSeries | None:
        if key in self._entries:
            self._entries.move_to_end(key)
        return self._entries.get(key)

    def put(self, key: Hashable, entry: CachedSeries) -> None:
        self.drop(key)
        self._entries[key] = entry
        self.size += entry.size
        while self.size > self._max_bytes:
            self.drop(next(iter(self._entries)))

    def drop(self, key: Hashable) -> None:
        if entry := self._entries.pop(key, None):
            self.size -= entry.size
