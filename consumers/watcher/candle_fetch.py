"""Fetch the candles of checks, a few at a time; what fails is tried again later, and never delays prices."""

import asyncio
from collections.abc import Iterable
from typing import NamedTuple

import structlog

from broker.retry import Backoff
from consumers.watcher.candle_checks import CandleCheck
from exchanges.ports import Candle, CandleSource, Series
from runtime import metrics
from runtime.clock import Clock
from runtime.errors import Permanent, Transient
from schemas.market import TIMEFRAMES

_log = structlog.get_logger(__name__)

_CONCURRENCY = 8
_TIMEOUT = 60.0
"""Seconds for one market, the wait for the exchange's budget included."""
_BACKOFF = Backoff(initial=1.0, maximum=60.0)
_LIGHT_COUNT = 90
"""Candles that one light call returns; more are fetched in pages."""


class FetchedCandles(NamedTuple):
    """The closed candles, oldest first, and the unclosed one."""

    closed: list[Candle]
    unclosed: Candle | None


class CandleFetcher:
    """Remembers which checks failed, and when each may be tried again. `source` stays the caller's to close."""

    def __init__(self, source: CandleSource, clock: Clock) -> None:
        self._source = source
        self._clock = clock
        self._slots = asyncio.Semaphore(_CONCURRENCY)
        self._failures: dict[CandleCheck, tuple[int, float]] = {}

    def select_due(self, checks: Iterable[CandleCheck]) -> list[CandleCheck]:
        """Return the checks that may be tried now; forget the failures of those that are gone."""
        waiting = list(checks)
        self._failures = {each: self._failures[each] for each in waiting if each in self._failures}
        now = self._clock.monotonic()
        return [each for each in waiting if each not in self._failures or self._failures[each][1] <= now]

    async def fetch(self, check: CandleCheck) -> FetchedCandles | None:
        """Return the candles; None where the exchange does not have them yet, or does not answer."""
        async with self._slots:
            try:
                async with asyncio.timeout(_TIMEOUT):
                    series = await self._call(check)
            except (Transient, Permanent, TimeoutError) as error:
                _log.warning("watcher.candles_away", market=check.market.key, error=str(error) or "no answer")
                self._fail(check, "failed")
                return None
        found = FetchedCandles(_to_candles(series), series.unclosed)
        if not check.is_complete(found.closed, found.unclosed):
            self._fail(check, "not_closed")
            return None
        metrics.WATCH_CANDLES.labels(check.kind, "checked").inc()
        return found

    async def _call(self, check: CandleCheck) -> Series:
        """Fetch the candle before the first one as well: from its close to the next open price may cross a target."""
        now, period = int(self._clock.now().timestamp() * 1_000), TIMEFRAMES[check.market.timeframe]
        count = (now - check.start) // period + 3
        if count <= _LIGHT_COUNT:
            return await self._source.candles_since(check.market, check.start - period)
        return await self._source.candles(check.market, count)

    def _fail(self, check: CandleCheck, outcome: str) -> None:
        attempts, _ = self._failures.get(check, (0, 0.0))
        wait = min(_BACKOFF.initial * 2**attempts, _BACKOFF.maximum)
        self._failures[check] = attempts + 1, self._clock.monotonic() + wait
        metrics.WATCH_CANDLES.labels(check.kind, outcome).inc()


def _to_candles(series: Series) -> list[Candle]:
    bars = series.closed
    columns = (bars.time, bars.open, bars.high, bars.low, bars.close, bars.volume)
    return [Candle(int(row[0]), *(float(x) for x in row[1:])) for row in zip(*columns, strict=True)]
