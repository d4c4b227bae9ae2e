"""The prices of one kind of market on one exchange as it pushes them: a stream, opened again whenever it is lost."""

import random
from collections.abc import Awaitable, Callable, Sequence

import structlog

from broker.retry import Attempt, Backoff, attempts, permanent_as_transient
from exchanges.ports import PriceSource, PriceStream, Quote
from producers.prices.policy import RESUBSCRIBE, outgrown
from runtime import metrics
from runtime.clock import Clock
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
        self.covered: frozenset[str] = frozenset()
        """Whose prices come by the stream now; none while it is away."""

    async def run(self) -> None:
        """Stream prices until cancelled, opening a stream again after one is lost or outgrown."""
        while True:
            async for attempt in attempts(self._clock, _BACKOFF, draw=self._draw):
                with attempt, permanent_as_transient(_BACKOFF.maximum):
                    await self._stream(attempt)
                if attempt.error:
                    metrics.PRICE_ERRORS.labels(self._exchange, "stream").inc()
                    _log.warning(
                        "prices.stream_lost",
                        exchange=self._exchange,
                        market_type=self._market_type,
                        **attempt.log_fields,
                    )

    async def _stream(self, attempt: Attempt) -> None:
        """Follow one stream until it is outgrown; `attempt` is reset by its first prices."""
        symbols = self._wanted()
        stream = await self._source.price_stream(self._exchange, self._market_type, symbols)
        if stream is None:
            await self._clock.sleep(RESUBSCRIBE)
        else:
            await self._follow(stream, symbols, attempt)

    async def _follow(self, stream: PriceStream, symbols: frozenset[str], attempt: Attempt) -> None:
        """Publish what comes until the stream is outgrown. Raises Transient when it is lost."""
        opened = self._clock.monotonic()
        try:
            while not outgrown(symbols, self._wanted(), self._clock.monotonic() - opened):
                quotes = await stream.next(_SILENCE)
                if not self.covered:
                    attempt.reset()
                    self._begun(symbols)
                await self._tell(quotes)
                await self._clock.sleep(_BREATH)
        finally:
            self.covered = frozenset()
            await stream.close()

    def _begun(self, symbols: frozenset[str]) -> None:
        self.covered = symbols
        _log.info(
            "prices.streaming", exchange=self._exchange, market_type=self._market_type, symbols=len(symbols)
        )
