"""The price stream of one market type on one exchange, opened again whenever it is lost."""

import random
from collections.abc import Awaitable, Callable, Sequence

import structlog

from broker.retry import Attempt, Backoff, attempts, permanent_as_transient
from exchanges.ports import PriceSource, PriceStream, Quote
from producers.prices.policy import MIN_STREAM_SECONDS, needs_new_stream
from runtime import metrics
from runtime.clock import Clock
from schemas.market import MarketType

_log = structlog.get_logger(__name__)

_BACKOFF = Backoff(initial=1.0, maximum=60.0)
_SILENCE_TIMEOUT = 10.0
"""Seconds without any price after which a stream counts as lost: of several markets one always moves."""
_BATCH_SECONDS = 0.2
"""Seconds between two reads of a stream: changes within them are published as one."""


class PriceStreamer:
    """`symbols` returns the symbols in demand, which may change; `publish` is called with each batch of quotes."""

    def __init__(
        self,
        exchange: str,
        market_type: MarketType,
        *,
        source: PriceSource,
        symbols: Callable[[], frozenset[str]],
        publish: Callable[[Sequence[Quote]], Awaitable[None]],
        clock: Clock,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._exchange = exchange
        self._market_type = market_type
        self._source = source
        self._symbols = symbols
        self._publish = publish
        self._clock = clock
        self._draw = draw
        self.covered: frozenset[str] = frozenset()
        """The symbols of the open stream; none while there is no stream, or no price of it yet."""

    async def run(self) -> None:
        """Stream prices until cancelled, and open a new stream when one is lost or to be replaced."""
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
        """Follow one stream until it is to be replaced; `attempt` is reset by its first prices."""
        symbols = self._symbols()
        stream = await self._source.price_stream(self._exchange, self._market_type, symbols)
        if stream is None:
            await self._clock.sleep(MIN_STREAM_SECONDS)
        else:
            await self._follow(stream, symbols, attempt)

    async def _follow(self, stream: PriceStream, symbols: frozenset[str], attempt: Attempt) -> None:
        """Publish its quotes until the stream is to be replaced. Raises Transient when it is lost."""
        opened = self._clock.monotonic()
        try:
            while not needs_new_stream(symbols, self._symbols(), self._clock.monotonic() - opened):
                quotes = await stream.next(_SILENCE_TIMEOUT)
                if not self.covered:
                    attempt.reset()
                    self._set_covered(symbols)
                await self._publish(quotes)
                await self._clock.sleep(_BATCH_SECONDS)
        finally:
            self.covered = frozenset()
            await stream.close()

    def _set_covered(self, symbols: frozenset[str]) -> None:
        self.covered = symbols
        _log.info(
            "prices.streaming", exchange=self._exchange, market_type=self._market_type, symbols=len(symbols)
        )
