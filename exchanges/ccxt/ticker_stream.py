"""Prices as an exchange pushes them, over ccxt's websockets."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from exchanges.ccxt.errors import translated
from exchanges.ccxt.factory import close_exchange, stream_chunk
from exchanges.ccxt.quotes import quotes
from exchanges.ports import Quote, Tradable
from runtime.clock import Clock
from runtime.errors import Transient
from runtime.tasks import cancel_and_wait
from schemas.values import to_ms

_CLOSE_TIMEOUT = 5.0


class CcxtPriceStream:
    """Follows the markets `listed` (by ccxt's name) and no others, over `opened`, which it closes.

    ccxt connects when first asked, and answers a call with one ticker of those that came; the others are in its cache.
    So a call is only the bell: what is new is read from the cache, and several changes of a price may become one.
    """

    def __init__(self, exchange: str, opened: Any, listed: Mapping[str, Tradable], clock: Clock) -> None:
        self._exchange = exchange
        self._opened = opened
        self._listed = listed
        self._clock = clock
        self._seen: dict[str, object] = {}
        names = list(listed)
        size = stream_chunk(opened)
        self._chunks = [names[start : start + size] for start in range(0, len(names), size)]
        self._waiting: dict[asyncio.Task[Any], list[str]] = {}

    async def next(self, patience: float) -> Sequence[Quote]:
        """What has changed since the last call; waits for it. Raises Transient after `patience` seconds of silence,
        and when the line is lost: then it is of no more use."""
        self._listen()
        # What came between two calls rang for nobody, and a market that stands still then does not ring again.
        if changed := self._changed():
            return changed
        rung, _ = await asyncio.wait(self._waiting, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        if not rung:
            raise Transient(f"{self._exchange} pushed no price for {patience:g} s")
        for task in rung:
            del self._waiting[task]
            self._heard(task)
        self._listen()
        return self._changed()

    async def close(self) -> None:
        """Bounded in time. Again: nothing."""
        tasks, self._waiting = list(self._waiting), {}
        await cancel_and_wait(*tasks)
        with translated(self._exchange):
            await close_exchange(self._opened, _CLOSE_TIMEOUT)

    def _listen(self) -> None:
        for chunk in self._chunks:
            if chunk not in self._waiting.values():
                self._waiting[asyncio.create_task(self._opened.watch_tickers(chunk))] = chunk

    def _heard(self, task: asyncio.Task[Any]) -> None:
        if task.cancelled():
            # ccxt cancels what waits on a line that it gives up.
            raise Transient(f"the stream of {self._exchange} was closed")
        with translated(self._exchange):
            task.result()

    def _changed(self) -> Sequence[Quote]:
        new = {
            name: ticker
            for name in self._listed
            if (ticker := self._opened.tickers.get(name)) is not None and ticker is not self._seen.get(name)
        }
        self._seen |= new
        with translated(self._exchange):
            return quotes(new, self._listed, otherwise=to_ms(self._clock.now()))
