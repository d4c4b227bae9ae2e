"""One exchange as ccxt sees it: its connection, its list of markets, its clock."""

import asyncio
from collections.abc import Awaitable, Collection, Mapping, Sequence
from typing import Any, TypeVar

from exchanges import pagination as pager
from exchanges.bars import Bars, tidied
from exchanges.ccxt.errors import translated
from exchanges.ccxt.exchange_clock import ExchangeClock
from exchanges.ccxt.factory import (
    ccxt_id,
    close_exchange,
    latest_prices,
    open_exchange,
    open_stream,
    page_size,
)
from exchanges.ccxt.quotes import quotes
from exchanges.ccxt.ticker_stream import CcxtPriceStream
from exchanges.ccxt.volumes import day_tickers, volume_of
from exchanges.pagination import Page
from exchanges.ports import FEWEST_NEW, Quote, Series, Tradable
from exchanges.rate_limit.limiter import Budget
from exchanges.series import to_series
from exchanges.symbols import SymbolIndex, is_ours
from runtime.clock import Clock
from runtime.errors import Permanent, Transient
from runtime.settings import Settings
from schemas.market import TIMEFRAMES, Market, MarketType
from schemas.values import to_ms

T = TypeVar("T")

MARKETS_AGE = 3_600.0
"""Seconds after which the list of markets is asked for again."""

_CLOSE_TIMEOUT = 5.0

_MOST_NEW = 99
"""Candles of a call for what is new; beyond it Binance's futures charge double."""


class Venue:
    """Raises Permanent("unknown_exchange") when made; what it awaits raises Transient and Permanent. To be closed."""

    def __init__(self, exchange: str, settings: Settings, clock: Clock, budget: Budget) -> None:
        self._exchange = exchange
        self._settings = settings
        self._kind = ccxt_id(exchange, settings)
        # The exchange timeout bounds HTTP alone, and the patience each wait for the budget; ccxt does more than both.
        self._deadline = settings.exchange_patience + 2 * settings.exchange_timeout
        self._clock = clock
        self._ccxt: Any = open_exchange(exchange, settings, budget)
        self._time = ExchangeClock(clock, self._fetch_time)
        self._loading = asyncio.Lock()
        self._index: SymbolIndex | None = None
        self._loaded_at = 0.0
        self._failure: tuple[float, Transient] | None = None

    async def close(self) -> None:
        with translated(self._exchange):
            await close_exchange(self._ccxt, _CLOSE_TIMEOUT)

    async def series(self, market: Market, limit: int, before: int | None = None) -> Series:
        """The newest `limit` candles, or the newest that opened before `before` (ms)."""
        self._check_timeframe(market.timeframe)
        symbol = (await self.markets()).unified(market)
        # The time is asked for first: see ExchangeClock.
        now = await self._time.now()

        async def fetch(page: Page) -> Bars:
            return await self._fetch(symbol, market.timeframe, page)

        size = page_size(self._ccxt, self._kind, market.market_type)
        bars = await pager.newest(fetch, market.timeframe, limit, size, before)
        return to_series(bars, market.timeframe, before if now is None else now)

    async def newest(self, market: Market, since: int) -> Series:
        """The newest candles in one call: back to `since` (ms) and a little more, as far as one light call goes."""
        self._check_timeframe(market.timeframe)
        symbol = (await self.markets()).unified(market)
        now = await self._time.now()
        bars = await self._fetch(symbol, market.timeframe, Page(_count_since(since, now, market.timeframe)))
        return to_series(tidied(bars), market.timeframe, now)

    async def prices(self, market_type: MarketType, symbols: Collection[str]) -> Sequence[Quote]:
        """What these trade at, as of just before the answer; those that the exchange does not trade are left out."""
        listed = (await self.markets()).listed(market_type, symbols)
        if not listed:
            return ()
        # Asked for first, so that a price is never told as newer than it is.
        now = await self._time.now()
        found = await self._call(latest_prices(self._ccxt, list(listed)))
        return quotes(found, listed, at=to_ms(self._clock.now()) if now is None else now)

    async def stream(self, market_type: MarketType, symbols: Collection[str]) -> CcxtPriceStream | None:
        """To be closed. None where nothing can be streamed: ccxt cannot here, or none of these is traded."""
        listed = (await self.markets()).listed(market_type, symbols)
        if not listed:
            return None
        entries = [self._ccxt.markets[name] for name in listed]
        opened = await asyncio.to_thread(open_stream, self._exchange, self._settings, entries)
        return opened and CcxtPriceStream(self._exchange, opened, listed, self._clock)

    async def volumes(self, market_type: MarketType) -> Mapping[Tradable, float]:
        """What was traded in 24 hours (quote currency), in one call for all markets of a type that say so."""
        listed = (await self.markets()).names()
        found = await self._call(day_tickers(self._ccxt, market_type))
        told = ((listed.get(name), volume_of(ticker)) for name, ticker in found.items())
        return {market: volume for market, volume in told if market is not None and volume is not None}

    async def time(self) -> int | None:
        """What time it is there (ms), or was a moment ago; None where it does not say."""
        return await self._time.now()

    async def markets(self) -> SymbolIndex:
        """Loaded once, and again when older than MARKETS_AGE; while that fails the old list is good enough."""
        asked = self._clock.monotonic()
        async with self._loading:
            if self._index is None and self._failure and self._failure[0] >= asked:
                # Whoever waited for a load that failed does not try another, one after the other.
                raise Transient(str(self._failure[1]), retry_after=self._failure[1].retry_after)
            if self._index is None or self._clock.monotonic() - self._loaded_at > MARKETS_AGE:
                self._index = await self._refreshed()
                self._loaded_at = self._clock.monotonic()
            return self._index

    async def _refreshed(self) -> SymbolIndex:
        try:
            return await self._load_markets()
        except Transient as error:
            self._failure = self._clock.monotonic(), error
            if self._index is None:
                raise
            return self._index

    async def _load_markets(self) -> SymbolIndex:
        # Not ccxt's load_markets: its shared task dies with whichever caller is cancelled, and takes the others along.
        found = await self._call(self._ccxt.fetch_markets())
        ours = [market for market in found or () if is_ours(market)]
        index = SymbolIndex(self._exchange, ours)
        if not len(index):
            raise Transient(f"{self._exchange} listed no markets")
        # Thousands of dicts are merged here, which takes long enough to hold up the loop.
        await self._call(asyncio.to_thread(self._ccxt.set_markets, ours))
        return index

    def _check_timeframe(self, timeframe: str) -> None:
        offered = self._ccxt.timeframes or {}
        if timeframe not in offered:
            raise Permanent(
                "bad_timeframe", f"{self._exchange} has no timeframe {timeframe}: {', '.join(offered)}"
            )

    async def _fetch(self, symbol: str, timeframe: str, page: Page) -> Bars:
        params = {} if page.until is None else {"until": page.until}
        rows = await self._call(self._ccxt.fetch_ohlcv(symbol, timeframe, page.since, page.count, params))
        return Bars.of_rows(rows)

    async def _fetch_time(self) -> int | None:
        if not self._ccxt.has.get("fetchTime"):
            return None
        stamp = await self._call(self._ccxt.fetch_time())
        return None if stamp is None else int(stamp)

    async def _call(self, call: Awaitable[T]) -> T:
        with translated(self._exchange):
            async with asyncio.timeout(self._deadline):
                return await call


def _count_since(since: int, now: int | None, timeframe: str) -> int:
    """How many candles reach from now back to `since`, one more in case the exchange is ahead of `now`."""
    passed = 0 if now is None else max(0, now - since) // TIMEFRAMES[timeframe]
    return min(max(FEWEST_NEW, passed + 2), _MOST_NEW)
