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
    """`offered` may be changed; `trouble` is raised instead, by `tradables` or by `volumes` alone."""

    def __init__(self) -> None:
        self.offered: Sequence[Tradable] = (BTC, ETH, BTC_FUTURE)
        self.traded: Mapping[Tradable, float] = {BTC: 2_000.0, BTC_FUTURE: 5.0}
        self.trouble: Exception | None = None
        self.no_volumes: Exception | None = None

    async def tradables(self, exchange: str) -> Sequence[Tradable]:
        if self.trouble:
            raise self.trouble
        return self.offered

    async def volumes(self, exchange: str, market_type: MarketType) -> Mapping[Tradable, float]:
        if self.no_volumes:
            raise self.no_volumes
        return {market: volume for market, volume in self.traded.items() if market.market_type == market_type}
