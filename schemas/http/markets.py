"""Response bodies about exchanges and the markets that they offer."""

from typing import Annotated

from pydantic import Field

from schemas.http.base import Price, ResponseModel, with_example
from schemas.market import MarketType


class ExchangeList(ResponseModel):
    """The exchanges on the allow-list."""

    model_config = with_example(data=["sim"], default="sim", simulated=["sim"])

    data: Annotated[list[str], Field(description="Exchanges that requests may name.")]
    default: Annotated[str, Field(description="The exchange of requests that name none.")]
    simulated: Annotated[list[str], Field(description="Those of `data` whose prices are simulated.")]


class TradableMarket(ResponseModel):
    """A market that an exchange offers, in every timeframe."""

    exchange: Annotated[str, Field(description="Exchange of the market.")]
    market_type: Annotated[MarketType, Field(description="Type of the market. The set may grow.")]
    symbol: Annotated[str, Field(description="Symbol without separator.")]
    volume: Annotated[
        Price | None, Field(description="Volume of the last 24 hours in the quote currency, if known.")
    ] = None


class MarketList(ResponseModel):
    """The markets that match a search, best match first."""

    data: Annotated[list[TradableMarket], Field(description="The markets, at most `limit` of them.")]
    total: Annotated[int, Field(description="Number of markets that match.")]
