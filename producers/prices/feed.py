"""The prices of one market type on one exchange: streamed where the exchange has a stream, polled where not."""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import replace

import structlog

from broker.retry import Backoff, attempts, permanent_as_transient
from exchanges.ports import PriceSource, Quote
from producers.prices.policy import clamp_times, select_symbols_to_poll
from producers.prices.publisher import PricePublisher
from producers.prices.stream import PriceStreamer
from runtime import metrics
from runtime.clock import Clock
from runtime.tasks import cancel_and_wait, wait_first
from schemas.market import MarketType
from schemas.values import to_ms

_log = structlog.get_logger(__name__)

_BACKOFF = Backoff(initial=1.0, maximum=5.0)
"""Short, because watches are blind until the next price. An exchange that bans sets its own time."""
_PERMANENT_ERROR_PAUSE = 300.0
"""Seconds before an exchange that has no prices is called again: the process may outlive the cause."""


class PriceFeed:
    """Its symbols may be changed at any time; `interval` is that of polls, in seconds."""

    def __init__(
        self,
        exchange: str,
        market_type: MarketType,
        *,
        source: PriceSource,
        publisher: PricePublisher,
        clock: Clock,
        interval: float,
        stream: bool = True,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._exchange = exchange
        self._market_type = market_type
        self._source = source
        self._publisher = publisher
        self._clock = clock
        self._interval = interval
        self._stream = stream
        self._draw = draw
        self._symbols: frozenset[str] = frozenset()
        self._has_symbols = asyncio.Event()
        self._quoted_at: dict[str, float] = {}
        # One publication at a time, so that a market's published times never go back.
        self._publishing = asyncio.Lock()
        self._streamer = PriceStreamer(
            exchange,
            market_type,
            source=source,
            symbols=lambda: self._symbols,
            publish=self._publish_from_stream,
            clock=clock,
            draw=draw,
        )

    def set_symbols(self, symbols: frozenset[str]) -> None:
        self._symbols = symbols
        if symbols:
            self._has_symbols.set()
        else:
            self._has_symbols.clear()

    async def run(self) -> None:
        """Publish prices until cancelled. Raises nothing but bugs."""
        await self._has_symbols.wait()
        tasks = [asyncio.create_task(self._poll())]
        if self._stream:
            tasks.append(asyncio.create_task(self._streamer.run()))
        try:
            await wait_first(*tasks)
            for task in tasks:
                if task.done():
                    task.result()
        finally:
            await cancel_and_wait(*tasks)

    async def _poll(self) -> None:
        backoff = replace(_BACKOFF, minimum=self._interval)
        while True:
            async for attempt in attempts(self._clock, backoff, draw=self._draw):
                await self._has_symbols.wait()
                with attempt, permanent_as_transient(_PERMANENT_ERROR_PAUSE):
                    await self._poll_once()
                if attempt.error:
                    metrics.PRICE_ERRORS.labels(self._exchange, "poll").inc()
                    _log.warning(
                        "prices.poll_failed",
                        exchange=self._exchange,
                        market_type=self._market_type,
                        **attempt.log_fields,
                    )
            await self._clock.sleep(self._interval)

    async def _poll_once(self) -> None:
        symbols = select_symbols_to_poll(
            self._symbols, self._streamer.covered, self._quoted_at, self._clock.monotonic()
        )
        if symbols:
            quotes = await self._source.prices(self._exchange, self._market_type, symbols)
            await self._publish(quotes, by="poll")

    async def _publish_from_stream(self, quotes: Sequence[Quote]) -> None:
        await self._publish([quote for quote in quotes if quote.market.symbol in self._symbols], by="stream")

    async def _publish(self, quotes: Sequence[Quote], *, by: str) -> None:
        now = self._clock.monotonic()
        self._quoted_at |= {quote.market.symbol: now for quote in quotes}
        async with self._publishing:
            await self._publisher.publish(clamp_times(quotes, to_ms(self._clock.now())), by=by)
