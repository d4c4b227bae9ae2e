"""One exchange through ccxt: its connection, its list of markets, its clock."""

import asyncio
from collections.abc import Awaitable, Collection, Mapping, Sequence
from typing import Any, TypeVar

from exchanges.bars import Bars
from exchanges.ccxt.errors import is_location_refusal, refusal_kind, translate_errors
from exchanges.ccxt.exchange_clock import ClockReading, ExchangeClock
from exchanges.ccxt.factory import (
    ccxt_id,
    close_exchange,
    fetch_latest_prices,
    open_exchange,
    open_stream,
    page_size,
)
from exchanges.ccxt.instrumentation import last_answer
from exchanges.ccxt.kline_readers import KLINE_READERS
from exchanges.ccxt.kline_stream import CcxtKlineStream, KlineConnection, split_connections
from exchanges.ccxt.ticker_stream import CcxtPriceStream
from exchanges.ccxt.tickers import fetch_day_tickers, find_quote_time, quote_volume, to_quotes
from exchanges.ccxt.trade_stream import CcxtTradeStream, TradeConnection
from exchanges.pagination import Page, PageRefused, PagingProfile, fetch_newest_bars
from exchanges.ports import MIN_NEW_CANDLES, Quote, Series, Tradable
from exchanges.rate_limit.limiter import RateLimiter
from exchanges.screening import RowTally, screen_bars
from exchanges.series import to_series
from exchanges.symbols import SymbolIndex, is_supported
from runtime.clock import Clock
from runtime.errors import Permanent, StrandlineError, Transient
from runtime.settings import Settings
from schemas.market import TIMEFRAMES, Market, MarketType

T = TypeVar("T")

MARKETS_AGE = 3_600.0
"""Seconds after which the list of markets is fetched again."""

_RECHECK_AFTER = 60.0
"""Seconds before an unexplained refusal leads to another look at the list of markets."""

_CLOSE_TIMEOUT = 5.0

_USUAL_COUNTS = (100, 10)
"""Candles of a call that every exchange allows one of."""

_MAX_NEW = 99
"""Candles of a call for what is new; beyond it Binance's futures charge double."""

_PRICE_ATTEMPTS = 2
"""Calls for prices until one is answered within a minute of the clock."""


class ExchangeClient:
    """Raises Permanent("unknown_exchange") when created; its coroutines raise Transient and Permanent. Close it."""

    def __init__(self, exchange: str, settings: Settings, clock: Clock, limiter: RateLimiter) -> None:
        self._exchange = exchange
        self._settings = settings
        self._kind = ccxt_id(exchange, settings)
        # The exchange timeout bounds HTTP alone, and the patience each wait for the budget; ccxt does more than both.
        self._deadline = settings.exchange_patience + 2 * settings.exchange_timeout
        self._clock = clock
        self._time = ExchangeClock(clock, self._request_time)
        self._ccxt: Any = open_exchange(exchange, settings, limiter, self._time.observe_date)
        self._paging: dict[MarketType, PagingProfile] = {}
        self._loading = asyncio.Lock()
        self._index: SymbolIndex | None = None
        self._loaded_at = 0.0
        self._failure: tuple[float, Transient] | None = None

    async def close(self) -> None:
        with translate_errors(self._exchange):
            await close_exchange(self._ccxt, _CLOSE_TIMEOUT)

    async def fetch_series(self, market: Market, limit: int, before: int | None = None) -> Series:
        """Return the newest `limit` candles, or the newest that opened before `before` (ms)."""
        self._check_timeframe(market.timeframe)
        symbol = (await self.load_markets()).resolve(market)
        # The time is read before the candles: see ExchangeClock.
        now, tally, notes = await self._time.now(), RowTally(), list[str]()

        async def fetch(page: Page) -> Bars:
            return await self._fetch_page(symbol, market.timeframe, page, now, tally)

        size = page_size(self._ccxt, self._kind, market.market_type)
        profile = self._paging.setdefault(market.market_type, PagingProfile())
        try:
            bars = await fetch_newest_bars(
                fetch, market.timeframe, limit, size, before, profile=profile, now=now, notes=notes
            )
        except StrandlineError as error:
            await self._check_listed(market, error)
            raise
        if not len(bars) and before is None:
            await self._check_listed(market, None)
        return to_series(bars, market.timeframe, now, (*tally.notes(), *notes))

    async def fetch_newest(self, market: Market, since: int) -> Series:
        """Return the newest candles in one call: back to `since` (ms) and some more, as far as one light call goes."""
        self._check_timeframe(market.timeframe)
        symbol = (await self.load_markets()).resolve(market)
        now, tally = await self._time.now(), RowTally()
        for count in (_count_since(since, now, market.timeframe), *_USUAL_COUNTS):
            try:
                bars = await self._fetch_page(symbol, market.timeframe, Page(count), now, tally)
                return to_series(bars, market.timeframe, now, tally.notes())
            except PageRefused as refused:
                # Some exchanges allow certain numbers only.
                error = refused.error
        await self._check_listed(market, error)
        raise error

    async def fetch_prices(self, market_type: MarketType, symbols: Collection[str]) -> Sequence[Quote]:
        """Return present prices, as of just before the answer; markets the exchange does not trade are omitted.

        Requests them again, once, if a minute ended before the answer: none are returned if it does again.
        """
        listed = (await self.load_markets()).select(market_type, symbols)
        if not listed:
            return ()
        for _ in range(_PRICE_ATTEMPTS):
            asked = await self._time.now()
            tickers = await self._call(fetch_latest_prices(self._ccxt, list(listed)))
            at = find_quote_time(asked, await self._time.now() + self._time.max_lag_ms)
            if at is not None:
                return to_quotes(tickers, listed, at=at)
        return ()

    async def open_price_stream(
        self, market_type: MarketType, symbols: Collection[str]
    ) -> CcxtPriceStream | None:
        """Return a stream to be closed; None where ccxt has none here, or none of the markets is traded."""
        listed = (await self.load_markets()).select(market_type, symbols)
        if not listed:
            return None
        entries = [self._ccxt.markets[symbol] for symbol in listed]
        stream = await asyncio.to_thread(open_stream, self._exchange, self._settings, entries)
        return stream and CcxtPriceStream(self._exchange, stream, listed, self._clock)

    async def open_kline_stream(
        self, market_type: MarketType, symbols: Collection[str]
    ) -> CcxtKlineStream | None:
        """Return a stream of 1m klines to be closed; None where their final flag is not known here, or the settings
        have the exchange followed by its trades."""
        listed = (await self.load_markets()).select(market_type, symbols)
        reader = KLINE_READERS.get(self._kind)
        if not listed or reader is None or self._exchange in self._settings.feed_trades:
            return None
        parts: list[KlineConnection] = []
        for names in split_connections(list(listed)):
            entries = [self._ccxt.markets[name] for name in names]
            opened = await asyncio.to_thread(
                open_stream, self._exchange, self._settings, entries, "watchOHLCVForSymbols"
            )
            ids = {str(self._ccxt.markets[name]["id"]): listed[name] for name in names}
            parts.append(KlineConnection(opened, names, ids, reader))
        return CcxtKlineStream(self._exchange, parts)

    async def open_trade_stream(
        self, market_type: MarketType, symbols: Collection[str]
    ) -> CcxtTradeStream | None:
        """Return a stream of trades to be closed; None where ccxt has no websocket for them."""
        listed = (await self.load_markets()).select(market_type, symbols)
        if not listed:
            return None
        entries = [self._ccxt.markets[name] for name in listed]
        opened = await asyncio.to_thread(open_stream, self._exchange, self._settings, entries, "watchTrades")
        if opened is None:
            return None
        return CcxtTradeStream(self._exchange, self._kind, [TradeConnection(opened, listed)])

    async def exchange_time(self) -> int:
        """Return the exchange's time in ms."""
        return await self._time.now()

    async def fetch_volumes(self, market_type: MarketType) -> Mapping[Tradable, float]:
        """Return the volume of 24 hours (quote currency), in one call for all markets of a type that report it."""
        listed = (await self.load_markets()).by_ccxt_symbol()
        tickers = await self._call(fetch_day_tickers(self._ccxt, market_type))
        pairs = ((listed.get(symbol), quote_volume(ticker)) for symbol, ticker in tickers.items())
        return {market: volume for market, volume in pairs if market is not None and volume is not None}

    async def read_clock(self) -> ClockReading:
        """Return the exchange's clock, its Date header's and the local one."""
        return await self._time.read()

    async def load_markets(self) -> SymbolIndex:
        """Return the markets, fetched again when older than MARKETS_AGE; the old list is used while that fails."""
        requested_at = self._clock.monotonic()
        async with self._loading:
            if self._index is None and self._failure and self._failure[0] >= requested_at:
                # Callers that waited for a load that failed do not repeat it one after the other.
                raise Transient(str(self._failure[1]), retry_after=self._failure[1].retry_after)
            if self._index is None or self._clock.monotonic() - self._loaded_at > MARKETS_AGE:
                self._index = await self._refresh_markets()
                self._loaded_at = self._clock.monotonic()
            return self._index

    async def _check_listed(self, market: Market, error: StrandlineError | None) -> None:
        """Raise Permanent("unknown_symbol") where a fresh list no longer has a market whose candles were refused.

        `error`: the refusal; nothing is checked where it explains itself. None: there were no candles.
        """
        explained = isinstance(error, Transient) and refusal_kind(error.__cause__) is None
        recent = self._clock.monotonic() - self._loaded_at < _RECHECK_AFTER
        if explained or recent or (isinstance(error, Permanent) and error.reason != "internal"):
            return
        self._loaded_at = -MARKETS_AGE
        (await self.load_markets()).resolve(market)

    async def _refresh_markets(self) -> SymbolIndex:
        try:
            return await self._fetch_markets()
        except Transient as error:
            self._failure = self._clock.monotonic(), error
            if self._index is None:
                raise
            return self._index

    async def _fetch_markets(self) -> SymbolIndex:
        # Not ccxt's load_markets: its shared task dies with the caller that is cancelled, and takes the others along.
        listed = await self._call(self._ccxt.fetch_markets())
        supported = [market for market in listed or () if is_supported(market)]
        index = SymbolIndex(self._exchange, supported)
        if not len(index):
            raise Transient(f"{self._exchange} listed no markets")
        # Thousands of dicts are merged here, which would block the loop.
        await self._call(asyncio.to_thread(self._ccxt.set_markets, supported))
        return index

    def _check_timeframe(self, timeframe: str) -> None:
        offered = self._ccxt.timeframes or {}
        if timeframe not in offered:
            raise Permanent(
                "bad_timeframe", f"{self._exchange} has no timeframe {timeframe}: {', '.join(offered)}"
            )

    async def _fetch_page(self, symbol: str, timeframe: str, page: Page, now: int, tally: RowTally) -> Bars:
        """Return the screened bars of a page. Raises PageRefused beside Transient and Permanent."""
        params = {} if page.until is None else {"until": page.until}
        last_answer.set(None)
        try:
            rows = await self._call(self._ccxt.fetch_ohlcv(symbol, timeframe, page.since, page.count, params))
        except StrandlineError as error:
            if kind := refusal_kind(error.__cause__):
                raise PageRefused(error, kind) from error
            raise
        answer = last_answer.get()
        if not rows and answer is not None and not answer.may_be_empty:
            raise Transient(f"{self._exchange} answered without candles: {answer.body[:200]}")
        return screen_bars(Bars.from_rows(rows), timeframe, now, tally)

    async def _request_time(self) -> int | None:
        if not self._ccxt.has.get("fetchTime"):
            return None
        try:
            stamp = await self._call(self._ccxt.fetch_time())
        except Permanent as error:
            if is_location_refusal(error):
                raise
            return None  # the other clocks will do
        return None if stamp is None else int(stamp)

    async def _call(self, call: Awaitable[T]) -> T:
        with translate_errors(self._exchange):
            async with asyncio.timeout(self._deadline):
                return await call


def _count_since(since: int, now: int, timeframe: str) -> int:
    """Return how many candles reach from now back to `since`, plus one in case the exchange is ahead of `now`."""
    passed = max(0, now - since) // TIMEFRAMES[timeframe]
    return min(max(MIN_NEW_CANDLES, passed + 2), _MAX_NEW)
