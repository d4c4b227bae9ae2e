"""Fetches the candles of a span of time, and as many before it as an analysis at its first close looks back on."""

import numpy as np

from exchanges.ports import CandleSource
from levels import Candles
from runtime.errors import Permanent
from schemas.market import Market

_CHUNK = 10_000
"""Candles of one call to the source, which makes as many calls to the exchange as its pages need."""

_COLUMNS = ("time", "open", "high", "low", "close", "volume")


async def fetch_range(
    source: CandleSource, market: Market, start_ms: int, stop_ms: int, *, history: int
) -> tuple[Candles, int]:
    """Return the closed candles that opened before `stop_ms`, and the index of the first at or after `start_ms`.

    There are `history` candles before that one, where the market has them. Raises what the source raises, and
    Permanent("too_few_candles") where no candle opened in the span.
    """
    parts: list[Candles] = []
    before, earlier = stop_ms, 0
    while earlier < history:
        wanted = _CHUNK if before > start_ms else min(_CHUNK, history - earlier)
        part = (await source.candles_before(market, before, wanted)).closed
        if not len(part):
            break
        parts.insert(0, part)
        before = int(part.time[0])
        earlier += int(np.searchsorted(part.time, start_ms))
    if not parts or parts[-1].time[-1] < start_ms:
        raise Permanent("too_few_candles", f"{market} has no closed candle in this span of time")
    return _join(parts, start_ms, history)


def _join(parts: list[Candles], start_ms: int, history: int) -> tuple[Candles, int]:
    joined = Candles(*(np.concatenate([getattr(part, name) for part in parts]) for name in _COLUMNS))
    first = int(np.searchsorted(joined.time, start_ms))
    begin = max(0, first - history)
    return joined[begin:], first - begin
