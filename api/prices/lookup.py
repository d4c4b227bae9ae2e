"""The latest price of markets: what this process heard, else what Redis has, else what was last analysed."""

from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncEngine

from api.prices.board import Place, TickedPrices
from api.watches.queries import analysed_prices
from exchanges.latest_prices import LatestPrices
from exchanges.ports import Tradable


class KnownPrices:
    """`latest` is None without Redis. Close it; `engine` stays the caller's to close."""

    def __init__(self, ticked: TickedPrices, latest: LatestPrices | None, engine: AsyncEngine) -> None:
        self._ticked = ticked
        self._latest = latest
        self._engine = engine

    async def of(self, places: Collection[Place]) -> dict[Place, float]:
        """Those that are known. Raises Transient while the database is away, where it must be asked."""
        heard = self._ticked.of(places)
        kept = await self._kept([place for place in places if place not in heard])
        known = heard | kept
        return known | await analysed_prices(self._engine, set(places) - known.keys())

    async def close(self) -> None:
        if self._latest is not None:
            await self._latest.close()

    async def _kept(self, places: Collection[Place]) -> dict[Place, float]:
        # A process that has just begun heard nothing yet; while Redis is away it knows no more, a moment later.
        if self._latest is None:
            return {}
        found = await self._latest.load([Tradable(*place) for place in places])
        return {(of.exchange, of.market_type, of.symbol): quote.price for of, quote in found.items()}
