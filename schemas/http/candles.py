"""Response bodies of candles for charts."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.http.base import EXAMPLE_MARKET, Price, ResponseModel, Timeframe, with_example
from schemas.market import MarketType

_KLINE = {
    "timestamp": 1795345200000,
    "open": 65400.0,
    "high": 65510.5,
    "low": 65310.0,
    "close": 65432.1,
    "volume": 812.44,
    "is_closed": True,
}


class Kline(ResponseModel):
    """One candle."""

    timestamp: Annotated[int, Field(description="Open time in ms since the Unix epoch.")]
    open: Annotated[Price, Field(description="First price.")]
    high: Annotated[Price, Field(description="Highest price.")]
    low: Annotated[Price, Field(description="Lowest price.")]
    close: Annotated[Price, Field(description="Last price.")]
    volume: Annotated[Price, Field(description="Volume in the base currency.")]
    is_closed: Annotated[bool, Field(description="Whether the candle is closed and no longer changes.")]


class KlineResponse(ResponseModel):
    """Candles of one market, in ascending order of time."""

    model_config = with_example(
        success=True, data=[_KLINE], count=1, cached=False, **EXAMPLE_MARKET, interval="1h"
    )

    success: Annotated[Literal[True], Field(description="Always true.")] = True
    data: Annotated[list[Kline], Field(description="The candles.")]
    count: Annotated[int, Field(description="Number of candles in `data`.")]
    cached: Annotated[bool, Field(description="Whether they come from the cache of an earlier call.")]
    exchange: Annotated[str, Field(description="Exchange of the market.")]
    symbol: Annotated[str, Field(description="Symbol as it is stored.")]
    market_type: Annotated[MarketType, Field(description="Type of the market. The set may grow.")]
    interval: Annotated[Timeframe, Field(description="Length of a candle. The set may grow.")]
