"""`/api/v1/klines`: candles as the exchange publishes them."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.candles.fetching import Span
from api.http.dependencies import Deps
from api.http.exchange_allow_list import resolve_market
from api.http.parameters import (
    MAX_TEXT,
    IntParam,
    MarketTypeParam,
    MillisecondsParam,
    TextParam,
    clamp,
    limit_param,
)
from api.http.problems import problem_responses
from schemas.http.candles import KlineResponse

MAX_KLINES = 2_000
_DEFAULT_KLINES = 1_000

router = APIRouter(prefix="/api/v1/klines", tags=["markets"])


@router.get(
    "", operation_id="listKlines", summary="List candles", responses=problem_responses(404, 422, 502, 503)
)
async def list_klines(
    deps: Deps,
    symbol: Annotated[str, Query(min_length=1, max_length=MAX_TEXT, description="Symbol of the market.")],
    interval: Annotated[TextParam, Query(description="Length of a candle; `1h` by default.")] = None,
    limit: Annotated[IntParam, limit_param(_DEFAULT_KLINES, MAX_KLINES)] = None,
    exchange: Annotated[TextParam, Query(description="Exchange; the default exchange if absent.")] = None,
    market_type: MarketTypeParam = None,
    since: Annotated[
        MillisecondsParam, Query(description="Earliest open time in ms since the Unix epoch.")
    ] = None,
    before: Annotated[
        MillisecondsParam, Query(description="Open times are below this, in ms since the Unix epoch.")
    ] = None,
) -> KlineResponse:
    """List candles in ascending order: the newest, the first ones from `since`, or the last ones before `before`.

    Candles are cached, for at most 2 s if the newest one is among them.
    """
    market = resolve_market(exchange, symbol, market_type or "spot", interval or "1h", deps.settings)
    span = Span(clamp(limit, default=_DEFAULT_KLINES, maximum=MAX_KLINES), since, before)
    klines, cached = await deps.klines.get_klines(market, span)
    return KlineResponse(
        data=klines,
        count=len(klines),
        cached=cached,
        exchange=market.exchange,
        symbol=market.symbol,
        market_type=market.market_type,
        interval=market.timeframe,
    )
