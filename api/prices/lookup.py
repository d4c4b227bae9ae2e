"""The latest price of markets: from the topic, else from Redis, else from the newest analysis."""

from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncEngine

from api.prices.live_prices import KnownPrice, LivePrices
from api.prices.queries import load_analyzed_prices
from exchanges.latest_prices import LatestPrices
from exchanges.ports import Tradable


class PriceLookup:
    """Looks prices up. `latest` is None without Redis. Close it; `engine` stays open."""

    def __init__(self, live: LivePrices, latest: LatestPrices | None, engine: AsyncEngine) -> None:
        self._live = live
        self._latest = latest
        self._engine = engine

    async def get_prices(self, markets: Collection[Tradable]) -> dict[Tradable, KnownPrice]:
        """Return the known prices; other markets are omitted. Raises Transient where the database is away."""
        live = self._live.get_prices(markets)
        stored = await self._load_from_redis([market for market in markets if market not in live])
        prices = live | stored
        return prices | await load_analyzed_prices(self._engine, set(markets) - prices.keys())

    async def close(self) -> None:
        """Close the connection to Redis."""
        if self._latest is not None:
            await self._latest.close()

    async def _load_from_redis(self, markets: Collection[Tradable]) -> dict[Tradable, KnownPrice]:
        # A process that has just started has received no price from the topic yet.
        if self._latest is None:
            return {}
        quotes = await self._latest.load(markets)
        return {market: KnownPrice(quote.price, quote.at) for market, quote in quotes.items()}
