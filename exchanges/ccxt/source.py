"""Candles from real exchanges, and from the simulated one, through ccxt."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import Self

from exchanges.ccxt.client import Venue
from exchanges.ports import PriceStream, Quote, Series, Tradable
from exchanges.rate_limit.limiter import Budget, open_budget
from runtime.clock import Clock, SystemClock
from runtime.errors import Permanent, Transient
from runtime.settings import Settings
from schemas.market import Market, MarketType


class CcxtCandleSource:
    """A CandleSource over ccxt, with one exchange object for each exchange of the allow-list, made when first used.

    Use it as a context manager, or call `close`. Safe for concurrent use within one event loop. Whatever it asks is
    paid from `budget`; without one it opens that of the settings, and closes it.
    """

    def __init__(self, settings: Settings, clock: Clock | None = None, budget: Budget | None = None) -> None:
        self._settings = settings
        self._clock = clock or SystemClock()
        self._lent = budget is not None
        self._budget = budget or open_budget(settings, self._clock)
        self._venues: dict[str, Venue] = {}
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def candles(self, market: Market, limit: int) -> Series:
        """The newest `limit` candles as the exchange counts them: the unclosed one, if it sends one, is among them.

        So 2,000 are two pages of 1,000, and mostly 1,999 closed ones. Raises Transient and Permanent
        ("unknown_exchange", "unknown_symbol", "bad_timeframe", "too_few_candles" for none at all, "internal").
        """
        series = await self._venue(market.exchange).series(market, limit)
        if not len(series.closed) and series.unclosed is None:
            raise Permanent("too_few_candles", f"{market.exchange} has no candle of {market.key}")
        return series

    async def candles_since(self, market: Market, since_ms: int) -> Series:
        """The newest candles, in one call: usually 10, at most 99, and back to `since_ms` if it takes no more.

        Raises as `candles`, but for none at all.
        """
        return await self._venue(market.exchange).newest(market, since_ms)

    async def candles_before(self, market: Market, before_ms: int, limit: int) -> Series:
        """At most `limit` candles that opened before `before_ms`; none where history begins. Raises as `candles`."""
        return await self._venue(market.exchange).series(market, limit, before_ms)

    async def tradables(self, exchange: str) -> Sequence[Tradable]:
        """Spot markets and linear perpetuals that trade now, sorted. Raises as `candles`."""
        return (await self._venue(exchange).markets()).tradables()

    async def prices(
        self, exchange: str, market_type: MarketType, symbols: Collection[str]
    ) -> Sequence[Quote]:
        """What these trade at now, in one call for all of them; those it does not trade are left out.

        Raises as `candles`.
        """
        return await self._venue(exchange).prices(market_type, symbols)

    async def price_stream(
        self, exchange: str, market_type: MarketType, symbols: Collection[str]
    ) -> PriceStream | None:
        """The caller's to close. None where ccxt has no websockets for them, or none of them is traded.

        Raises as `candles`.
        """
        return await self._venue(exchange).stream(market_type, symbols)

    async def volumes(self, exchange: str, market_type: MarketType) -> Mapping[Tradable, float]:
        """What was traded in 24 hours, in the quote currency, where the exchange says so. Raises as `candles`."""
        return await self._venue(exchange).volumes(market_type)

    async def time(self, exchange: str) -> int | None:
        """What time it is there (ms), or was a moment ago; None where it does not say. Raises as `candles`."""
        return await self._venue(exchange).time()

    async def close(self) -> None:
        """Closes every exchange; calls under way end with Transient. Again: nothing."""
        self._closed = True
        venues, self._venues = list(self._venues.values()), {}
        closing = [venue.close() for venue in venues]
        if not self._lent:
            closing.append(self._budget.close())
        results = await asyncio.gather(*closing, return_exceptions=True)
        if failed := [result for result in results if isinstance(result, BaseException)]:
            raise failed[0]

    def _venue(self, exchange: str) -> Venue:
        if self._closed:
            raise Transient("the candle source is closed: this process is stopping")
        # No await between looking and storing, so that two calls cannot both make one.
        if exchange not in self._venues:
            self._venues[exchange] = Venue(exchange, self._settings, self._clock, self._budget)
        return self._venues[exchange]
