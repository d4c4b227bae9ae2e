"""The prices of one kind of market on one exchange, asked for again and again."""

import asyncio
import random
from collections.abc import Callable

import structlog

from producers.price_teller import PriceTeller
from runtime import metrics
from runtime.broker.retry import Pace, backoff
from runtime.clock import Clock
from runtime.errors import Permanent, Transient
from runtime.markets.ports import PriceSource
from schemas.market import MarketType

_log = structlog.get_logger(__name__)

_PACE = Pace(first=1.0, most=30.0)
_HOPELESS = 300.0
"""Seconds until an exchange that cannot be asked for prices is asked again: the process may outlive the reason."""


class PriceFeed:
    """`wanted` are the symbols, and may change at any time; `interval` is in seconds."""

    def __init__(
        self,
        exchange: str,
        market_type: MarketType,
        *,
        source: PriceSource,
        teller: PriceTeller,
        clock: Clock,
        interval: float,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._exchange = exchange
        self._market_type = market_type
        self._source = source
        self._teller = teller
        self._clock = clock
        self._interval = interval
        self._draw = draw
        self._wanted: frozenset[str] = frozenset()
        self._something = asyncio.Event()

    def want(self, symbols: frozenset[str]) -> None:
        self._wanted = symbols
        if symbols:
            self._something.set()
        else:
            self._something.clear()

    async def run(self) -> None:
        """Until cancelled. Raises bugs alone."""
        failures = 0
        while True:
            await self._something.wait()
            try:
                quotes = await self._source.prices(self._exchange, self._market_type, self._wanted)
                await self._teller.tell(quotes, by="poll")
            except (Transient, Permanent) as error:
                failures += 1
                await self._clock.sleep(self._pause(error, failures))
            else:
                failures = 0
                await self._clock.sleep(self._interval)

    def _pause(self, error: Transient | Permanent, failures: int) -> float:
        seconds = _HOPELESS
        if isinstance(error, Transient):
            seconds = backoff(failures, random=self._draw(), retry_after=error.retry_after, pace=_PACE)
        metrics.PRICE_TROUBLE.labels(self._exchange, "poll").inc()
        _log.warning(
            "prices.poll_failed",
            exchange=self._exchange,
            market_type=self._market_type,
            attempt=failures,
            seconds=round(max(seconds, self._interval), 2),
            error=str(error),
        )
        return max(seconds, self._interval)
