"""The prices of one kind of market on one exchange as it pushes them: a stream, opened again whenever it is lost."""

import random
from collections.abc import Awaitable, Callable, Sequence

import structlog

from broker.retry import Backoff, retry_delay
from exchanges.ports import PriceSource, PriceStream, Quote
from producers.prices.policy import RESUBSCRIBE, outgrown
from runtime import metrics
from runtime.clock import Clock
from runtime.errors import Permanent, Transient
from schemas.market import MarketType

_log = structlog.get_logger(__name__)

_BACKOFF = Backoff(initial=1.0, maximum=60.0)
_SILENCE = 10.0
"""Seconds without any price after which a line is taken for dead: of several markets one always moves."""
_BREATH = 0.2
"""Seconds between two looks at a stream: what changes faster is told as one change."""


class PriceFollower:
    """`wanted` says which symbols, and may give others each time; `tell` is called with what comes."""

    def __init__(
        self,
        exchange: str,
        market_type: MarketType,
        *,
        source: PriceSource,
        wanted: Callable[[], frozenset[str]],
        tell: Callable[[Sequence[Quote]], Awaitable[None]],
        clock: Clock,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._exchange = exchange
        self._market_type = market_type
        self._source = source
        self._wanted = wanted
        self._tell = tell
        self._clock = clock
        self._draw = draw
        self._failures = 0
        self.covered: frozenset[str] = frozenset()
        """Whose prices come by the stream now; none while it is away."""

    async def run(self) -> None:
        """Until cancelled. Raises bugs alone."""
        while True:
            symbols = self._wanted()
            try:
                stream = await self._source.price_stream(self._exchange, self._market_type, symbols)
                if stream is None:
                    await self._clock.sleep(RESUBSCRIBE)
                else:
                    await self._follow(stream, symbols)
            except (Transient, Permanent) as error:
                self._failures += 1
                await self._clock.sleep(self._pause(error))

    async def _follow(self, stream: PriceStream, symbols: frozenset[str]) -> None:
        """Until it is outgrown. Raises Transient when it is lost."""
        opened = self._clock.monotonic()
        try:
            while not outgrown(symbols, self._wanted(), self._clock.monotonic() - opened):
                quotes = await stream.next(_SILENCE)
                if not self.covered:
                    self._begun(symbols)
                await self._tell(quotes)
                await self._clock.sleep(_BREATH)
        finally:
            self.covered = frozenset()
            await stream.close()

    def _begun(self, symbols: frozenset[str]) -> None:
        self.covered = symbols
        self._failures = 0
        _log.info(
            "prices.streaming", exchange=self._exchange, market_type=self._market_type, symbols=len(symbols)
        )

    def _pause(self, error: Transient | Permanent) -> float:
        asked = error.retry_after if isinstance(error, Transient) else _BACKOFF.maximum
        seconds = retry_delay(self._failures, random=self._draw(), retry_after=asked, backoff=_BACKOFF)
        metrics.PRICE_TROUBLE.labels(self._exchange, "stream").inc()
        _log.warning(
            "prices.stream_lost",
            exchange=self._exchange,
            market_type=self._market_type,
            attempt=self._failures,
            seconds=round(seconds, 2),
            error=str(error),
        )
        return seconds
