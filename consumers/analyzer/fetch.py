"""A fetch that does not give up: exchange trouble is retried with backoff while somebody still waits for it."""

import asyncio
import random

import structlog

from broker.retry import Fail, RetryAfter, decide
from consumers.analyzer.breaker import Breakers
from consumers.analyzer.group import Group
from exchanges.ports import CandleSource, OverBudget, Series
from runtime.clock import Clock
from runtime.errors import StrandlineError, Transient
from runtime.metrics import BREAKER_OPEN, FETCH_RETRIES
from schemas.market import candle_period

_log = structlog.get_logger(__name__)

_LOOK_SECONDS = 1.0


class OutOfPatience(Exception):
    """The exchange wants to be left alone for longer than these requests can wait."""

    def __init__(self, request_ids: tuple[str, ...], last_word: str) -> None:
        super().__init__(last_word)
        self.request_ids = request_ids


class Fetch:
    """One market's candles, wanted by one group. `attempts` and `trouble` tell how it went so far.

    `period` is the candle period in which the last attempt began. `slots` bounds the calls that this process makes
    at once; a fetch that waits to try again holds none.
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
        self.period = 0
        self.trouble: Transient | None = None

    async def series(self) -> Series:
        """Raises Permanent, and OutOfPatience where the exchange asks for more than anyone who waits has."""
        while True:
            await self._until_the_breaker_lets_pass()
            try:
                async with self._slots:
                    self.attempts += 1
                    self.period = candle_period(self._clock.now(), self._group.market.timeframe)
                    series = await self._source.candles(self._group.market, self._group.limit)
            except StrandlineError as error:
                self._heard(error)
                await self._clock.sleep(self._pause(error))
            else:
                self._answers()
                return series

    async def _until_the_breaker_lets_pass(self) -> None:
        while (seconds := self._breakers.wait(self._exchange, self._clock.monotonic())) > 0:
            self.trouble = self.trouble or Transient(self._breakers.last_word(self._exchange))
            # A probe may close it long before the next one is due.
            await self._clock.sleep(min(seconds, _LOOK_SECONDS))

    def _heard(self, error: StrandlineError) -> None:
        """What an error says of the exchange: only trouble of its own moves the breaker."""
        if not isinstance(error, Transient):
            self._breakers.unheard(self._exchange)  # most are told without asking the exchange
            return
        self.trouble = error
        FETCH_RETRIES.labels(self._exchange).inc()
        if isinstance(error, OverBudget):
            self._breakers.unheard(self._exchange)  # a budget that is spent says nothing of the exchange
        elif self._breakers.failed(self._exchange, self._clock.monotonic(), str(error)):
            BREAKER_OPEN.labels(self._exchange).set(1)
            _log.warning("breaker.opened", exchange=self._exchange, error=str(error))

    def _pause(self, error: StrandlineError) -> float:
        """Seconds until the next attempt. Raises OutOfPatience where nobody waits so long, else `error` itself."""
        last = self._group.last_expiry
        now = self._clock.now().timestamp()
        decision = decide(
            error,
            self.attempts,
            now=now,
            deadline=last.timestamp() if last else now,
            random=random.random(),  # noqa: S311 (jitter)
        )
        match decision:
            case RetryAfter(seconds):
                _log.warning(
                    "fetch.retry", attempt=self.attempts, seconds=round(seconds, 2), error=str(error)
                )
                return seconds
            case Fail("expired", last_word):
                raise OutOfPatience(self._group.waiting, last_word) from error
            case _:
                raise error

    def _answers(self) -> None:
        if self._breakers.succeeded(self._exchange):
            BREAKER_OPEN.labels(self._exchange).set(0)
            _log.info("breaker.closed", exchange=self._exchange)
