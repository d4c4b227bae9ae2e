"""1m klines pushed by an exchange, over ccxt's websockets."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from exchanges.ccxt.errors import translate_errors
from exchanges.ccxt.factory import close_exchange
from exchanges.ccxt.kline_readers import KlineReader
from exchanges.ccxt.push_buffer import PushBuffer
from exchanges.ports import Kline, Tradable
from runtime.errors import Transient
from runtime.tasks import cancel_and_wait

_CLOSE_TIMEOUT = 5.0

_PER_CONNECTION = 1_000
"""Markets of one connection: Binance carries 1,024 streams on one."""

_PER_MESSAGE = 250
"""Markets of one subscription: Binance reads five messages of a client a second, and ccxt sends them at once."""


@dataclass(frozen=True, slots=True)
class KlineConnection:
    """A ccxt object for the markets `names` (ccxt's symbols); `ids`: the exchange's own ids of them."""

    exchange: Any
    names: Sequence[str]
    ids: Mapping[str, Tradable]
    read: KlineReader


class CcxtKlineStream:
    """Follows the klines of its connections, which it closes.

    ccxt keeps klines without their final flag, so its handler of them is replaced by one that keeps the messages.
    Its calls then never return, and only end with an error when the connection is lost.
    """

    def __init__(self, name: str, connections: Sequence[KlineConnection]) -> None:
        self._name = name
        self._connections = connections
        self._pushed = PushBuffer[Kline](name)
        self._watches: list[asyncio.Task[Any]] = []

    async def next(self, timeout: float) -> Sequence[Kline]:
        """Return what was pushed since the last call; waits for it, at most `timeout` seconds. Raises Transient when
        the connection is lost: the stream is unusable then."""
        if not self._watches:
            self._subscribe()
        await self._pushed.wait(timeout, self._watches)
        self._check()
        return self._pushed.take()

    async def close(self) -> None:
        """Close the connections, bounded in time. A second call does nothing."""
        tasks, self._watches = self._watches, []
        connections, self._connections = self._connections, ()
        await cancel_and_wait(*tasks)
        with translate_errors(self._name):
            for connection in connections:
                await close_exchange(connection.exchange, _CLOSE_TIMEOUT)

    def _subscribe(self) -> None:
        for connection in self._connections:
            connection.exchange.handle_ohlcv = self._handler(connection)
            for names in _split(connection.names, _PER_MESSAGE):
                pairs = [[name, "1m"] for name in names]
                watching = connection.exchange.watch_ohlcv_for_symbols(pairs)
                self._watches.append(asyncio.create_task(watching))

    def _handler(self, connection: KlineConnection) -> Any:
        def handle(_: Any, message: Mapping[str, Any]) -> None:
            try:
                for market_id, candle, is_final, sent_at in connection.read(message):
                    if market := connection.ids.get(market_id):
                        self._pushed.put(Kline(market, candle, is_final, sent_at))
            except (KeyError, TypeError, ValueError) as error:
                self._pushed.fail(Transient(f"{self._name} pushed a kline that cannot be read: {error!r}"))

        return handle

    def _check(self) -> None:
        """Raise Transient where the connection is lost."""
        for task in self._watches:
            if task.cancelled():
                # ccxt cancels what waits on a connection that it drops.
                raise Transient(f"the stream of {self._name} was closed")
            if task.done():
                with translate_errors(self._name):
                    task.result()
                raise Transient(f"the stream of {self._name} ended")


def split_connections(names: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield the markets of each connection."""
    return _split(names, _PER_CONNECTION)


def _split(names: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (names[start : start + size] for start in range(0, len(names), size))
