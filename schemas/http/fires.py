"""Response bodies of fires across all watches."""

from typing import Annotated

from pydantic import Field

from schemas.http.base import ResponseModel
from schemas.http.watches import AnyFire
from schemas.market import MarketType
from schemas.watches import FireCondition


class MarketFire(AnyFire):
    """One fire with its market: that of its watch, or of the level that a standing watch found."""

    condition: Annotated[
        FireCondition,
        Field(description="Condition that was met; `near` of a standing watch. The set may grow."),
    ]
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
