"""Trades pushed by an exchange, over ccxt's websockets."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from ccxt.async_support.base.ws.cache import ArrayCache

from exchanges.ccxt.errors import translate_errors
from exchanges.ccxt.factory import close_exchange
from exchanges.ccxt.push_buffer import PushBuffer
from exchanges.ports import EmptyMinutes, Tradable, Trade, UnreadableTrade
from runtime.errors import Transient
from runtime.tasks import cancel_and_wait

_log = structlog.get_logger(__name__)

_CLOSE_TIMEOUT = 5.0
_CACHED = 10

_CHUNKS = {"binance": 200}
"""Markets of one call of `watch_trades_for_symbols`; on Binance each call gets a connection."""

_DEFAULT_CHUNK = 10

_CONSECUTIVE_IDS = {"binance", "coinbase", "coinbaseexchange"}
"""Exchanges whose trades of a market are numbered without a gap."""

_EMPTY_MINUTES: Mapping[str, EmptyMinutes] = {
    "binance": "carried",
    "bybit": "carried",
    "coinbase": "skipped",
    "coinbaseexchange": "skipped",
}


@dataclass(frozen=True, slots=True)
class TradeConnection:
    """A ccxt object for the markets `listed` (by ccxt's symbol)."""

    exchange: Any
    listed: Mapping[str, Tradable]


class _TradeLog(ArrayCache):  # type: ignore[misc]  # ccxt has no types
    """ccxt's cache of a market's trades, which hands each of them on."""

    def __init__(self, receive: Callable[[Any], None]) -> None:
        super().__init__(_CACHED)
        self._receive = receive

    def append(self, item: Any) -> None:
        super().append(item)
        self._receive(item)


class CcxtTradeStream:
    """Follows the trades of its connections, which it closes.

    A call of ccxt subscribes, and returns with the first trades. What follows is taken from ccxt's caches as it is put
    there, so no trade is missed between two calls; ccxt's own callbacks report the loss of a connection.
    """

    def __init__(self, name: str, kind: str, connections: Sequence[TradeConnection]) -> None:
        self.has_consecutive_ids = kind in _CONSECUTIVE_IDS
        self.empty_minutes = _EMPTY_MINUTES.get(kind)
        self._name = name
        self._kind = kind
        self._connections = connections
        self._pushed = PushBuffer[Trade | UnreadableTrade](name)
        self._calls: list[asyncio.Task[Any]] = []

    async def next(self, timeout: float) -> Sequence[Trade | UnreadableTrade]:
        """Return the trades since the last call; waits for them, at most `timeout` seconds. Raises Transient when a
        connection is lost: the stream is unusable then."""
        if not self._calls:
            self._subscribe()
        await self._pushed.wait(timeout, [call for call in self._calls if not call.done()])
        self._check()
        return self._pushed.take()

    async def close(self) -> None:
        """Close the connections, bounded in time. A second call does nothing."""
        calls, self._calls = self._calls, []
        connections, self._connections = self._connections, ()
        await cancel_and_wait(*calls)
        with translate_errors(self._name):
            for connection in connections:
                await close_exchange(connection.exchange, _CLOSE_TIMEOUT)

    def _subscribe(self) -> None:
        for connection in self._connections:
            exchange = connection.exchange
            exchange.on_error = self._lose(exchange.on_error)
            exchange.on_close = self._lose(exchange.on_close)
            for name, market in connection.listed.items():
                exchange.trades[name] = _TradeLog(self._receive(market))
            names = list(connection.listed)
            if exchange.has.get("watchTradesForSymbols"):
                size = _CHUNKS.get(self._kind, _DEFAULT_CHUNK)
                calls = [
                    exchange.watch_trades_for_symbols(names[start : start + size])
                    for start in range(0, len(names), size)
                ]
            else:
                calls = [exchange.watch_trades(name) for name in names]
            self._calls += map(asyncio.ensure_future, calls)

    def _receive(self, market: Tradable) -> Callable[[Any], None]:
        def receive(trade: Any) -> None:
            try:
                self._pushed.put(read_trade(market, trade))
            except (KeyError, TypeError, ValueError) as error:
                _log.warning(
                    "trades.unreadable", exchange=self._name, symbol=market.symbol, error=repr(error)
                )
                self._pushed.put(UnreadableTrade(market))

        return receive

    def _lose(self, original: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
        def lose(client: Any, error: Any) -> None:
            original(client, error)
            self._pushed.fail(Transient(f"the stream of {self._name} was lost: {error}"))

        return lose

    def _check(self) -> None:
        """Raise Transient where a call has failed."""
        for call in self._calls:
            if call.cancelled():
                raise Transient(f"the stream of {self._name} was closed")
            if call.done():
                with translate_errors(self._name):
                    call.result()


def read_trade(market: Tradable, trade: Mapping[str, Any]) -> Trade:
    """Return a trade of ccxt's. Raises KeyError, TypeError and ValueError. Pure."""
    number = trade["id"]
    return Trade(
        market,
        None if number is None else str(number),
        float(trade["price"]),
        float(trade["amount"]),
        int(trade["timestamp"]),
    )
