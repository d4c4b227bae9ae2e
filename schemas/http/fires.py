"""Response bodies of fires across all watches."""

from typing import Annotated

from pydantic import Field

from schemas.http.base import ResponseModel
from schemas.http.watches import WatchFire
from schemas.market import MarketType


class MarketFire(WatchFire):
    """One fire with the market of its watch."""

    exchange: Annotated[str, Field(description="Exchange of the market.")]
    market_type: Annotated[MarketType, Field(description="Type of the market. The set may grow.")]
    symbol: Annotated[str, Field(description="Symbol of the market, without separator.")]


class FireList(ResponseModel):
    """Fires in the order in which they were recorded."""

    data: Annotated[list[MarketFire], Field(description="The fires.")]
    cursor: Annotated[
        str,
        Field(
            description="Pass it as `after` to continue. Fires of the last seconds may come again: compare their ids."
        ),
    ]
    has_more: Annotated[bool, Field(description="Whether further fires are recorded already.")]
