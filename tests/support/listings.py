"""A list of markets in place of an exchange."""

from collections.abc import Mapping, Sequence

from exchanges.ports import Tradable
from schemas.market import MarketType

BTC, ETH, BTC_FUTURE = (
    Tradable("binance", "spot", "BTCUSDT"),
    Tradable("binance", "spot", "ETHUSDT"),
    Tradable("binance", "future", "BTCUSDT"),
)


class ListedMarkets:
    """`offered` may be changed; `list_error` and `volumes_error` are raised instead while they are set."""

    def __init__(self) -> None:
        self.offered: Sequence[Tradable] = (BTC, ETH, BTC_FUTURE)
        self.traded: Mapping[Tradable, float] = {BTC: 2_000.0, BTC_FUTURE: 5.0}
        self.list_error: Exception | None = None
        self.volumes_error: Exception | None = None

    async def tradables(self, exchange: str) -> Sequence[Tradable]:
        if self.list_error:
            raise self.list_error
        return self.offered

    async def volumes(self, exchange: str, market_type: MarketType) -> Mapping[Tradable, float]:
        if self.volumes_error:
            raise self.volumes_error
        return {market: volume for market, volume in self.traded.items() if market.market_type == market_type}
