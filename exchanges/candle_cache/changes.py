"""What of the cached series is to be written: series as a whole, and the candles that join one after it.

A store that lacks candles of a series has it written as a whole once the next one joins: a written series never has a
hole.
"""

import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from exchanges.candle_cache.entry import CachedSeries
from exchanges.ports import Candle
from runtime.clock import Clock

FLUSH_SECONDS = 0.5
MAX_NEWER = 500
"""Candles after which a series is written again: it is read in a tenth of the time then."""

MAX_AGE = 3 * 86_400
"""Seconds after which a series that was not written is forgotten."""


class SeriesStore(Protocol):
    """Keeps cached series outside of the process. `record_*` only remember what to write, `flush` writes it."""

    def record_series(self, market_key: str, entry: CachedSeries) -> None: ...

    def record_candles(self, market_key: str, candles: Sequence[Candle], entry: CachedSeries) -> None: ...

    async def flush(self) -> None: ...


class JoinedCandles(NamedTuple):
    """Candles that joined a series, which was `entry` then."""

    candles: list[Candle]
    entry: CachedSeries


class Changes(NamedTuple):
    """What to write, by market key: no market is in both."""

    series: dict[str, CachedSeries]
    candles: dict[str, JoinedCandles]

    @property
    def markets(self) -> set[str]:
        return self.series.keys() | self.candles.keys()


class SeriesChanges:
    """Changes since they were last taken. Series beyond `max_bytes` are left for the next candle of their market."""

    def __init__(self, max_bytes: float = float("inf")) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._waiting = Changes({}, {})
        self._newer: Counter[str] = Counter()

    def record_series(self, market_key: str, entry: CachedSeries) -> None:
        """Write this series, unless its gaps are unconfirmed."""
        self._waiting.candles.pop(market_key, None)
        before = self._waiting.series.pop(market_key, None)
        self._bytes -= before.size if before is not None else 0
        if entry.unconfirmed or self._bytes + entry.size > self._max_bytes:
            self.rewrite((market_key,))
            return
        self._waiting.series[market_key] = entry
        self._bytes += entry.size
        self._newer[market_key] = 0

    def record_candles(self, market_key: str, candles: Sequence[Candle], entry: CachedSeries) -> None:
        """Write candles that joined a series, which is now `entry`."""
        self._newer[market_key] += len(candles)
        if market_key in self._waiting.series or self._newer[market_key] > _max_newer(market_key):
            self.record_series(market_key, entry)
            return
        before = self._waiting.candles.get(market_key)
        joined = [*before.candles, *candles] if before is not None else list(candles)
        self._waiting.candles[market_key] = JoinedCandles(joined, entry)

    def take(self) -> Changes:
        """Return what waits, which is then the caller's to write."""
        taken, self._waiting, self._bytes = self._waiting, Changes({}, {}), 0
        return taken

    def rewrite(self, market_keys: Iterable[str]) -> None:
        """Write these series as a whole once their next candle joins."""
        for market_key in market_keys:
            self._newer[market_key] = MAX_NEWER

    def set_newer(self, market_key: str, count: int) -> None:
        """Count from here the candles that are written beside the series."""
        self._newer[market_key] = count


async def flush_regularly(store: SeriesStore, clock: Clock) -> None:
    """Write what the store has recorded until cancelled."""
    while True:
        await clock.sleep(FLUSH_SECONDS)
        await store.flush()


def _max_newer(market_key: str) -> int:
    """Differs by market, so that series that began together are not all written again at one close."""
    return MAX_NEWER - zlib.crc32(market_key.encode()) % (MAX_NEWER // 2)
