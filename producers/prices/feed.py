"""The prices of one kind of market on one exchange: streamed where that can be had, polled where not."""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import replace

import structlog

from broker.retry import Backoff, attempts, permanent_as_transient
from exchanges.ports import PriceSource, Quote
from producers.prices.policy import timely, to_poll
from producers.prices.publisher import PriceTeller
from producers.prices.stream import PriceFollower
from runtime import metrics
from runtime.clock import Clock
from runtime.tasks import cancel_and_wait, wait_first
from schemas.market import MarketType
from schemas.values import to_ms

_log = structlog.get_logger(__name__)

_BACKOFF = Backoff(initial=1.0, maximum=30.0)
_HOPELESS = 300.0
"""Seconds until an exchange that cannot be asked for prices is asked again: the process may outlive the reason."""


class PriceFeed:
    """What is wanted may change at any time; `interval` is that of polls, in seconds."""

    def __init__(
        self,
        exchange: str,
        market_type: MarketType,
        *,
        source: PriceSource,
        teller: PriceTeller,
        clock: Clock,
        interval: float,
        stream: bool = True,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._exchange = exchange
        self._market_type = market_type
        self._source = source
        self._teller = teller
        self._clock = clock
        self._interval = interval
        self._stream = stream
        self._draw = draw
        self._wanted: frozenset[str] = frozenset()
        self._something = asyncio.Event()
        self._heard: dict[str, float] = {}
        # One at a time, so that what is told of a market never goes back in time.
        self._telling = asyncio.Lock()
        self._follower = PriceFollower(
            exchange,
            market_type,
            source=source,
            wanted=lambda: self._wanted,
            tell=self._streamed,
            clock=clock,
            draw=draw,
        )

    def want(self, symbols: frozenset[str]) -> None:
        self._wanted = symbols
        if symbols:
            self._something.set()
        else:
            self._something.clear()

    async def run(self) -> None:
        """Until cancelled. Raises bugs alone."""
        await self._something.wait()
        tasks = [asyncio.create_task(self._poll())]
        if self._stream:
            tasks.append(asyncio.create_task(self._follower.run()))
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
                await self._something.wait()
                with attempt, permanent_as_transient(_HOPELESS):
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
        symbols = to_poll(self._wanted, self._follower.covered, self._heard, self._clock.monotonic())
        if symbols:
            quotes = await self._source.prices(self._exchange, self._market_type, symbols)
            await self._tell(quotes, by="poll")

    async def _streamed(self, quotes: Sequence[Quote]) -> None:
        await self._tell([quote for quote in quotes if quote.market.symbol in self._wanted], by="stream")

    async def _tell(self, quotes: Sequence[Quote], *, by: str) -> None:
        now = self._clock.monotonic()
        self._heard |= {quote.market.symbol: now for quote in quotes}
        async with self._telling:
            await self._teller.tell(timely(quotes, to_ms(self._clock.now())), by=by)
