"""Candles for charts, fetched once for all who ask alike: kept for a while, and shared while a fetch is under way."""

from collections.abc import Sequence

from pydantic import TypeAdapter

from api.candles.kline_store import KlineStore
from api.candles.klines import Span, klines
from exchanges.ports import CandleSource
from runtime.clock import Clock
from runtime.metrics import KLINE_CACHE
from runtime.single_flight import SingleFlight
from schemas.http.candles import Kline
from schemas.market import Market, candle_end
from schemas.values import to_ms

OPEN_SECONDS = 2.0
"""So old an answer with the newest candle may be: as old as a price may be."""
CLOSED_SECONDS = 3_600.0
"""A page of the past changes no more; an exchange that mends its history is believed after an hour."""
_SETTLED_MS = 60_000
"""So long after its end a page is taken for whole, whatever the clocks here and there say."""

Answer = tuple[list[Kline], bool]
"""Candles, and whether they were kept from earlier."""

_CANDLES = TypeAdapter(list[Kline])


class KlineCache:
    """Closes `store`, and not `source`."""

    def __init__(self, source: CandleSource, store: KlineStore, clock: Clock) -> None:
        self._source = source
        self._store = store
        self._clock = clock
        self._fetches: SingleFlight[str, Answer] = SingleFlight()

    async def candles(self, market: Market, span: Span) -> Answer:
        """Ascending, and whether they were kept from earlier. Raises what `klines` does."""
        key = f"{market.key}:{span.limit}:{span.since}:{span.before}"
        return await self._fetches.run(key, lambda: self._found(key, market, span))

    async def close(self) -> None:
        await self._fetches.close()
        await self._store.close()

    async def _found(self, key: str, market: Market, span: Span) -> Answer:
        kept = await self._store.get(key)
        KLINE_CACHE.labels("miss" if kept is None else "hit").inc()
        if kept is not None:
            return _CANDLES.validate_json(kept), True
        found = await klines(self._source, market, span, to_ms(self._clock.now()))
        seconds = kept_seconds(found, span, market.timeframe, to_ms(self._clock.now()))
        if seconds > 0:
            await self._store.put(key, _CANDLES.dump_json(found), seconds)
        return found, False


def kept_seconds(found: Sequence[Kline], span: Span, timeframe: str, now_ms: int) -> float:
    """How long an answer is good: long for a page of the past, else briefly, and never past the newest candle's end.

    Pure. 0: not at all.
    """
    if not found:
        return OPEN_SECONDS
    ends = span.end(timeframe)
    if ends is not None and ends + _SETTLED_MS <= now_ms and all(candle.is_closed for candle in found):
        return CLOSED_SECONDS
    if found[-1].is_closed:
        return OPEN_SECONDS
    return min(OPEN_SECONDS, max(0.0, (candle_end(found[-1].timestamp, timeframe) - now_ms) / 1_000))
