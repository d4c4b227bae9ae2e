"""A fetch that does not give up: exchange trouble is retried with backoff while somebody still waits for it."""

import asyncio
import random

import structlog

from consumers.analyzer.breaker import Breakers
from consumers.analyzer.group import Group
from runtime.broker.retry import RetryAfter, decide
from runtime.clock import Clock
from runtime.errors import Permanent, Transient
from runtime.markets.ports import CandleSource, Series
from runtime.metrics import BREAKER_OPEN, FETCH_RETRIES

_log = structlog.get_logger(__name__)


class Fetch:
    """One market's candles, wanted by one group. `attempts` and `trouble` tell how it went so far.

    `slots` bounds the calls that this process makes at once; a fetch that waits to try again holds none.
    """

    def __init__(
        self, source: CandleSource, group: Group, clock: Clock, slots: asyncio.Semaphore, breakers: Breakers
    ) -> None:
        self._source = source
        self._group = group
        self._clock = clock
        self._slots = slots
        self._breakers = breakers
        self._exchange = group.market.exchange
        self.attempts = 0
        self.trouble: Transient | None = None

    async def series(self) -> Series:
        """Raises Permanent; so it does when the exchange asks for more patience than anyone in the group has."""
        while True:
            await self._until_the_breaker_lets_pass()
            try:
                async with self._slots:
                    self.attempts += 1
                    series = await self._source.candles(self._group.market, self._group.limit)
            except Transient as trouble:
                await self._clock.sleep(self._patience(trouble))
            except Permanent:
                self._answers()
                raise
            else:
                self._answers()
                return series

    async def _until_the_breaker_lets_pass(self) -> None:
        while (seconds := self._breakers.wait(self._exchange, self._clock.monotonic())) > 0:
            self.trouble = self.trouble or Transient(self._breakers.last_word(self._exchange))
            await self._clock.sleep(seconds)

    def _patience(self, trouble: Transient) -> float:
        self.trouble = trouble
        FETCH_RETRIES.labels(self._exchange).inc()
        if self._breakers.failed(self._exchange, self._clock.monotonic(), str(trouble)):
            BREAKER_OPEN.labels(self._exchange).set(1)
            _log.warning("breaker.opened", exchange=self._exchange, error=str(trouble))
        last = self._group.last_expiry
        decision = decide(
            trouble,
            self.attempts,
            now=self._clock.now().timestamp(),
            deadline=last.timestamp() if last else None,
            random=random.random(),  # noqa: S311 (jitter)
        )
        if not isinstance(decision, RetryAfter):
            raise Permanent(
                "expired", f"not answered before its expires_at; the exchange's last word: {trouble}"
            )
        _log.warning(
            "fetch.retry", attempt=self.attempts, seconds=round(decision.seconds, 2), error=str(trouble)
        )
        return decision.seconds

    def _answers(self) -> None:
        if self._breakers.succeeded(self._exchange):
            BREAKER_OPEN.labels(self._exchange).set(0)
            _log.info("breaker.closed", exchange=self._exchange)
