"""Candles and prices from real exchanges, and from the simulated one, through ccxt."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Self

from exchanges.ccxt.exchange_clock import ClockReading
from exchanges.ports import KlineStream, PriceStream, Quote, Series, Tradable, TradeStream
from exchanges.rate_limit.limiter import RateLimiter, open_limiter
from runtime.clock import Clock, SystemClock
from runtime.errors import Permanent, Transient
from runtime.settings import Settings
from schemas.market import Market, MarketType

if TYPE_CHECKING:
    from exchanges.ccxt.client import ExchangeClient


class CcxtCandleSource:
    """A CandleSource over ccxt, with one client for each exchange of the allow-list, created on first use.

    Use it as a context manager, or call `close`. Safe for concurrent use within one event loop. Its calls go through
    `limiter`; without one it opens that of the settings, and closes it.
    """

    def __init__(
        self, settings: Settings, clock: Clock | None = None, limiter: RateLimiter | None = None
    ) -> None:
        self._settings = settings
        self._clock = clock or SystemClock()
        self._owns_limiter = limiter is None
        self._limiter = limiter or open_limiter(settings, self._clock)
        self._clients: dict[str, ExchangeClient] = {}
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def candles(self, market: Market, limit: int) -> Series:
        """Return the newest `limit` candles as the exchange counts them, the unclosed one (if it sends one) included.

        So 2,000 are two pages of 1,000, and usually 1,999 closed candles. Raises Transient and Permanent
        ("unknown_exchange", "unknown_symbol", "bad_timeframe", "too_few_candles" for none at all, "internal").
        """
        series = await self._client(market.exchange).fetch_series(market, limit)
        if not len(series.closed) and series.unclosed is None:
            problem = f"{market.exchange} has no usable candle of {market.key}"
            raise Permanent("too_few_candles", "; ".join((problem, *series.notes)))
        return series

    async def candles_since(self, market: Market, since_ms: int) -> Series:
        """Return the newest candles in one call: usually 10, at most 99, back to `since_ms` where that suffices.

        Raises as `candles`, but for none at all.
        """
        return await self._client(market.exchange).fetch_newest(market, since_ms)

    async def candles_before(self, market: Market, before_ms: int, limit: int) -> Series:
        """Return at most `limit` candles that opened before `before_ms`; none where history begins.

        Raises as `candles`.
        """
        return await self._client(market.exchange).fetch_series(market, limit, before_ms)

    async def tradables(self, exchange: str) -> Sequence[Tradable]:
        """Return spot markets and linear perpetuals that trade now, sorted. Raises as `candles`."""
        return (await self._client(exchange).load_markets()).tradables()

    async def prices(
        self, exchange: str, market_type: MarketType, symbols: Collection[str]
    ) -> Sequence[Quote]:
        """Return the present prices in one call for all `symbols`; unknown ones are omitted.

        Raises as `candles`.
        """
        return await self._client(exchange).fetch_prices(market_type, symbols)

    async def price_stream(
        self, exchange: str, market_type: MarketType, symbols: Collection[str]
    ) -> PriceStream | None:
        """Return a stream that the caller closes; None where ccxt has no websocket for them, or none is traded.

        Raises as `candles`.
        """
        return await self._client(exchange).open_price_stream(market_type, symbols)

    async def kline_stream(
        self, exchange: str, market_type: MarketType, symbols: Collection[str]
    ) -> KlineStream | None:
        """Return a stream of 1m klines that the caller closes; None where their final flag cannot be had, or
        `feed_trades` names the exchange.

        Raises as `candles`.
        """
        return await self._client(exchange).open_kline_stream(market_type, symbols)

    async def trade_stream(
        self, exchange: str, market_type: MarketType, symbols: Collection[str]
    ) -> TradeStream | None:
        """Return a stream of trades that the caller closes; None where ccxt has no websocket for them.

        Raises as `candles`.
        """
        return await self._client(exchange).open_trade_stream(market_type, symbols)

    async def exchange_time(self, exchange: str) -> int:
        """Return the exchange's time in ms, asked for once a minute. Raises as `candles`."""
        return await self._client(exchange).exchange_time()

    async def volumes(self, exchange: str, market_type: MarketType) -> Mapping[Tradable, float]:
        """Return the volume of 24 hours in the quote currency, where it is reported. Raises as `candles`."""
        return await self._client(exchange).fetch_volumes(market_type)

    async def read_clock(self, exchange: str) -> ClockReading:
        """Return the exchange's clock, its Date header's and the local one. Raises as `candles`."""
        return await self._client(exchange).read_clock()

    async def close(self) -> None:
        """Close every client; calls under way end with Transient. A second call does nothing."""
        self._closed = True
        clients, self._clients = list(self._clients.values()), {}
        closing = [client.close() for client in clients]
        if self._owns_limiter:
            closing.append(self._limiter.close())
        results = await asyncio.gather(*closing, return_exceptions=True)
        if failed := [result for result in results if isinstance(result, BaseException)]:
            raise failed[0]

    def _client(self, exchange: str) -> "ExchangeClient":
        # Imported here: ccxt and numpy load with the first call to an exchange, and not in a process that makes none.
        from exchanges.ccxt.client import ExchangeClient  # noqa: PLC0415

        if self._closed:
            raise Transient("the candle source is closed: this process is stopping")
        # No await between lookup and store, so two calls cannot create two clients.
        if exchange not in self._clients:
            self._clients[exchange] = ExchangeClient(exchange, self._settings, self._clock, self._limiter)
        return self._clients[exchange]
