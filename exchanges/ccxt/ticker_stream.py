"""Prices pushed by an exchange, over ccxt's websockets."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from exchanges.ccxt.errors import translate_errors
from exchanges.ccxt.factory import close_exchange, stream_chunk
from exchanges.ccxt.tickers import to_quotes
from exchanges.ports import Quote, Tradable
from runtime.clock import Clock
from runtime.errors import Transient
from runtime.tasks import cancel_and_wait
from schemas.values import to_ms

_CLOSE_TIMEOUT = 5.0


class CcxtPriceStream:
    """Follows the markets `listed` (by ccxt's symbol) over the ccxt object `exchange`, which it closes.

    ccxt connects on the first call, and answers a call with one of the tickers that arrived; the others are in its
    cache. So a call only signals that something changed: the changes are read from the cache, and several changes of
    one price may become one.
    """

    def __init__(self, name: str, exchange: Any, listed: Mapping[str, Tradable], clock: Clock) -> None:
        self._name = name
        self._exchange = exchange
        self._listed = listed
        self._clock = clock
        self._seen: dict[str, object] = {}
        symbols = list(listed)
        size = stream_chunk(exchange)
        self._chunks = [symbols[start : start + size] for start in range(0, len(symbols), size)]
        self._watches: dict[asyncio.Task[Any], list[str]] = {}

    async def next(self, timeout: float) -> Sequence[Quote]:
        """Return what has changed since the last call; waits for it. Raises Transient after `timeout` seconds without
        a change, and when the connection is lost: the stream is unusable then."""
        self._watch_chunks()
        # A change that arrived between two calls woke no waiter, and a price that rests then sends no other.
        if changed := self._collect_changes():
            return changed
        done, _ = await asyncio.wait(self._watches, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        if not done:
            raise Transient(f"{self._name} pushed no price for {timeout:g} s")
        for task in done:
            del self._watches[task]
            self._check_result(task)
        self._watch_chunks()
        return self._collect_changes()

    async def close(self) -> None:
        """Close the connections, bounded in time. A second call does nothing."""
        tasks, self._watches = list(self._watches), {}
        await cancel_and_wait(*tasks)
        with translate_errors(self._name):
            await close_exchange(self._exchange, _CLOSE_TIMEOUT)

    def _watch_chunks(self) -> None:
        for chunk in self._chunks:
            if chunk not in self._watches.values():
                self._watches[asyncio.create_task(self._exchange.watch_tickers(chunk))] = chunk

    def _check_result(self, task: asyncio.Task[Any]) -> None:
        if task.cancelled():
            # ccxt cancels what waits on a connection that it drops.
            raise Transient(f"the stream of {self._name} was closed")
        with translate_errors(self._name):
            task.result()

    def _collect_changes(self) -> Sequence[Quote]:
        new = {
            symbol: ticker
            for symbol in self._listed
            if (ticker := self._exchange.tickers.get(symbol)) is not None
            and ticker is not self._seen.get(symbol)
        }
        self._seen |= new
        with translate_errors(self._name):
            return to_quotes(new, self._listed, default_at=to_ms(self._clock.now()))
