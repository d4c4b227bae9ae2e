"""Candles for charts: equal concurrent calls share one fetch, and its result is cached."""

from collections.abc import Sequence

from pydantic import TypeAdapter

from api.candles.fetching import Span, fetch_klines
from api.candles.kline_store import KlineStore
from exchanges.ports import CandleSource
from runtime.clock import Clock
from runtime.metrics import KLINE_CACHE
from runtime.single_flight import SingleFlight
from schemas.http.candles import Kline
from schemas.market import Market, candle_end
from schemas.values import to_ms

OPEN_SECONDS = 2.0
"""How long candles are cached that include the newest one: as old as a price may be."""

CLOSED_SECONDS = 3_600.0
"""How long closed candles are cached; a correction by the exchange is visible after that."""

_SETTLED_MS = 60_000
"""How long after its end a page counts as complete, whatever the difference between the clocks is."""

CachedKlines = tuple[list[Kline], bool]
"""Candles, and whether they come from the cache."""

_KLINES = TypeAdapter(list[Kline])


class KlineCache:
    """Caches the candles of `source` in `store`. Closes the store, but not the source."""

    def __init__(self, source: CandleSource, store: KlineStore, clock: Clock) -> None:
        self._source = source
        self._store = store
        self._clock = clock
        self._fetches: SingleFlight[str, CachedKlines] = SingleFlight()

    async def get_klines(self, market: Market, span: Span) -> CachedKlines:
        """Return candles in ascending order, and whether they were cached. Raises what `fetch_klines` raises."""
        key = f"{market.key}:{span.limit}:{span.since}:{span.before}"
        return await self._fetches.run(key, lambda: self._get_or_fetch(key, market, span))

    async def close(self) -> None:
        """Cancel fetches in flight and close the store."""
        await self._fetches.close()
        await self._store.close()

    async def _get_or_fetch(self, key: str, market: Market, span: Span) -> CachedKlines:
        cached = await self._store.get(key)
        KLINE_CACHE.labels("miss" if cached is None else "hit").inc()
        if cached is not None:
            return _KLINES.validate_json(cached), True
        klines = await fetch_klines(self._source, market, span, to_ms(self._clock.now()))
        seconds = cache_seconds(klines, span, market.timeframe, to_ms(self._clock.now()))
        if seconds > 0:
            await self._store.put(key, _KLINES.dump_json(klines), seconds)
        return klines, False


def cache_seconds(klines: Sequence[Kline], span: Span, timeframe: str, now_ms: int) -> float:
    """Return how long to cache candles: long for a closed page, else briefly, never past the end of the newest one.

    Pure. 0 means not at all.
    """
    if not klines:
        return OPEN_SECONDS
    end = span.end(timeframe)
    if end is not None and end + _SETTLED_MS <= now_ms and all(kline.is_closed for kline in klines):
        return CLOSED_SECONDS
    if klines[-1].is_closed:
        return OPEN_SECONDS
    return min(OPEN_SECONDS, max(0.0, (candle_end(klines[-1].timestamp, timeframe) - now_ms) / 1_000))
