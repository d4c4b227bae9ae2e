"""`/api/v1/klines`: candles, as an exchange gives them."""

from typing import Annotated, cast

from fastapi import APIRouter, Depends, Query, Request

from api.candles.kline_cache import KlineCache
from api.candles.klines import Span
from api.http.dependencies import Deps
from api.http.exchange_allow_list import market_of
from api.http.parameters import MOST_TEXT, KindOfMarket, Milliseconds, Whole, Words, clamped
from api.http.problems import described
from schemas.http.candles import KlineResponse

MOST_CANDLES = 2_000
_CANDLES = 1_000


def _cache(request: Request) -> KlineCache:
    return cast(KlineCache, request.app.state.klines)


Cache = Annotated[KlineCache, Depends(_cache)]

router = APIRouter(prefix="/api/v1/klines", tags=["markets"])


@router.get("", responses=described(404, 422, 502, 503))
async def candles(
    deps: Deps,
    cache: Cache,
    symbol: Annotated[str, Query(min_length=1, max_length=MOST_TEXT)],
    interval: Words = None,
    limit: Whole = None,
    exchange: Words = None,
    market_type: KindOfMarket = None,
    since: Milliseconds = None,
    before: Milliseconds = None,
) -> KlineResponse:
    """Candles in ascending order: the newest, or the first from `since` on, or the last ones before `before`.

    `cached` says whether they were kept from an earlier answer: for 2 s at most with the newest candle among them.
    """
    market = market_of(exchange, symbol, market_type or "spot", interval or "1h", deps.settings)
    span = Span(clamped(limit, default=_CANDLES, most=MOST_CANDLES), since, before)
    found, cached = await cache.candles(market, span)
    return KlineResponse(
        data=found,
        count=len(found),
        cached=cached,
        exchange=market.exchange,
        symbol=market.symbol,
        market_type=market.market_type,
        interval=market.timeframe,
    )
