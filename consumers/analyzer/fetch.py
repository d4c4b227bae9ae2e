"""Fetch a group's candles. Exchange errors are retried with backoff until the group's last deadline."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog

from broker.retry import attempts
from consumers.analyzer.breaker import Breakers
from consumers.analyzer.recent import FetchedSeries, RecentSeries
from consumers.analyzer.request_group import RequestGroup
from exchanges.ports import BudgetExceeded, CandleSource, Series
from runtime.clock import Clock
from runtime.errors import StrandlineError, Transient
from runtime.metrics import BREAKER_OPEN, FETCH_RETRIES, RECENT_SERIES
from schemas.market import Market, candle_period

_log = structlog.get_logger(__name__)

_HIT, _MISS = RECENT_SERIES.labels("hit"), RECENT_SERIES.labels("miss")

_RECHECK_SECONDS = 1.0
"""A probe may close a breaker long before the next one is due."""


class FetchDeadlineExceeded(Exception):
    """The exchange asks for a longer pause than any of `request_ids`, the members at that moment, can wait."""

    def __init__(self, request_ids: tuple[str, ...], last_error: str) -> None:
        super().__init__(last_error)
        self.request_ids = request_ids


@dataclass(slots=True)
class FetchProgress:
    """How a fetch has gone so far: calls made, and the latest error that may pass."""

    attempts: int = 0
    last_error: Transient | None = None


class CandleFetcher:
    """`concurrency` bounds the calls under way in this process; a fetch that waits to retry holds no slot."""

    def __init__(self, source: CandleSource, clock: Clock, concurrency: int) -> None:
        self._source = source
        self._clock = clock
        self._slots = asyncio.Semaphore(concurrency)
        self._breakers = Breakers()
        self._recent = RecentSeries()
        self._offered: dict[tuple[str, int], Series] = {}

    @contextmanager
    def offer(self, market: Market, limit: int, series: Series) -> Iterator[None]:
        """Answer requests for this market and limit with `series`, without a call, while the context lasts."""
        key = (market.key, limit)
        self._offered[key] = series
        try:
            yield
        finally:
            if self._offered.get(key) is series:
                del self._offered[key]

    def lookup_recent(self, group: RequestGroup) -> Series | None:
        """Return a series that is offered, or was fetched moments ago in the current candle period, or None."""
        if (offered := self._offered.get((group.market.key, group.limit))) is not None:
            return offered
        period = candle_period(self._clock.now(), group.market.timeframe)
        series = self._recent.get((group.market.key, group.limit), self._clock.monotonic(), period)
        (_MISS if series is None else _HIT).inc()
        return series

    async def fetch(self, group: RequestGroup, progress: FetchProgress) -> Series:
        """Return the series; `progress` is updated on the way. Raises Permanent, FetchDeadlineExceeded."""
        try:
            async for attempt in attempts(self._clock, seconds_left=lambda: self._seconds_left(group)):
                await self._wait_for_breaker(group.market.exchange, progress)
                with attempt:
                    series = await self._call(group, progress)
                if attempt.error:
                    _log.warning("fetch.retry", **attempt.log_fields)
        except Transient as error:
            raise FetchDeadlineExceeded(group.request_ids, str(error)) from error
        return series

    async def _call(self, group: RequestGroup, progress: FetchProgress) -> Series:
        exchange = group.market.exchange
        async with self._slots:
            progress.attempts += 1
            period = candle_period(self._clock.now(), group.market.timeframe)
            try:
                series = await self._source.candles(group.market, group.limit)
            except StrandlineError as error:
                self._record_error(exchange, error, progress)
                raise
        self._record_success(exchange)
        fetched = FetchedSeries(series, self._clock.monotonic(), period)
        self._recent.put((group.market.key, group.limit), fetched)
        return series

    def _seconds_left(self, group: RequestGroup) -> float:
        """Seconds until the group's last deadline, by the wall clock; it moves as members join and leave."""
        last = group.last_expiry
        return (last - self._clock.now()).total_seconds() if last else 0.0

    async def _wait_for_breaker(self, exchange: str, progress: FetchProgress) -> None:
        while (seconds := self._breakers.acquire(exchange, self._clock.monotonic())) > 0:
            progress.last_error = progress.last_error or Transient(self._breakers.last_error(exchange))
            await self._clock.sleep(min(seconds, _RECHECK_SECONDS))

    def _record_error(self, exchange: str, error: StrandlineError, progress: FetchProgress) -> None:
        """Move the breaker for an error of the exchange itself, and for no other."""
        if not isinstance(error, Transient):
            self._breakers.record_inconclusive(exchange)  # most are raised without a call to the exchange
            return
        progress.last_error = error
        FETCH_RETRIES.labels(exchange).inc()
        if isinstance(error, BudgetExceeded):
            self._breakers.record_inconclusive(exchange)  # our budget is spent: the exchange was not called
        elif self._breakers.record_failure(exchange, self._clock.monotonic(), str(error)):
            BREAKER_OPEN.labels(exchange).set(1)
            _log.warning("breaker.opened", exchange=exchange, error=str(error))

    def _record_success(self, exchange: str) -> None:
        if self._breakers.record_success(exchange):
            BREAKER_OPEN.labels(exchange).set(0)
            _log.info("breaker.closed", exchange=exchange)
