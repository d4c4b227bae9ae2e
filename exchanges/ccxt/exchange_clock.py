"""The time on an exchange, from its own clock, the Date header of its answers, and the local clock.

No single one of them is trusted: a clock that is an hour ahead would make the running candle a closed one.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from runtime.clock import Clock
from schemas.values import to_ms

_log = structlog.get_logger(__name__)

STALE_AFTER = 60.0
"""Seconds; in that time even a bad oscillator drifts by no more than some milliseconds."""

TOLERANCE_MS = 30_000
"""Clocks that differ by less agree: latency, and the whole seconds of a Date header."""

_HEADER_LAG_MS = 1_000
"""A Date header has whole seconds."""


@dataclass(frozen=True, slots=True)
class ClockReading:
    """Three clocks at one moment (ms): the exchange's, its Date header's, the local one. None where there is none."""

    exchange: int | None
    header: int | None
    local: int

    def choose(self) -> int:
        """Return the exchange's time where another clock agrees with it, else the earlier of the other two.

        Without an exchange clock the earlier of the others. The earlier: a candle may be taken for open for longer
        than it is, but never for closed too early.
        """
        others = [time for time in (self.header, self.local) if time is not None]
        if self.exchange is None:
            return min(others)
        if any(abs(self.exchange - time) <= TOLERANCE_MS for time in others):
            return self.exchange
        return min(self.exchange, *others)


class ExchangeClock:
    """Asks the exchange for its time once a minute, and counts monotonic seconds in between.

    `now` is never later than the exchange's own time, since the stamp was made before its answer arrived. A candle
    that has ended by `now`, read *before* the candles are fetched, had ended when the exchange looked it up.
    """

    def __init__(self, clock: Clock, fetch_time: Callable[[], Awaitable[int | None]]) -> None:
        self._clock = clock
        self._fetch_time = fetch_time
        self._last: tuple[int | None, float] | None = None
        self._header: tuple[int, float] | None = None
        self._refreshing = False
        self._overruled = False
        self.max_lag_ms = 0
        """How far `now` may be behind the exchange's time: as long as the call for it took."""

    def observe_date(self, time_ms: int) -> None:
        """Record the Date header of an answer."""
        self._header = time_ms, self._clock.monotonic()

    async def now(self) -> int:
        """Return the exchange's time in ms. Raises what `fetch_time` raises."""
        reading = await self.read()
        chosen = reading.choose()
        overruled = reading.exchange is not None and chosen != reading.exchange
        if overruled and not self._overruled:
            _log.warning("exchange_clock.overruled", ahead_seconds=((reading.exchange or 0) - chosen) / 1_000)
        self._overruled = overruled
        return chosen

    async def read(self) -> ClockReading:
        """Return all clocks as they stand now. Raises what `fetch_time` raises."""
        if self._last is None or (self._is_stale(self._last) and not self._refreshing):
            await self._refresh()
        return ClockReading(self._advance(self._last), self._advance(self._header), to_ms(self._clock.now()))

    def _advance(self, stamp: tuple[int | None, float] | None) -> int | None:
        if stamp is None or stamp[0] is None:
            return None
        return stamp[0] + int((self._clock.monotonic() - stamp[1]) * 1000)

    def _is_stale(self, last: tuple[int | None, float]) -> bool:
        return self._clock.monotonic() - last[1] > STALE_AFTER

    async def _refresh(self) -> None:
        """Ask once; concurrent callers use the previous stamp, since each call costs weight."""
        self._refreshing = True
        started = self._clock.monotonic()
        try:
            stamp = await self._fetch_time()
        finally:
            self._refreshing = False
        now = self._clock.monotonic()
        self._last = stamp, now
        self.max_lag_ms = int((now - started) * 1_000) + (_HEADER_LAG_MS if stamp is None else 0)
