"""The time on an exchange, without relying on the local wall clock."""

from collections.abc import Awaitable, Callable

from runtime.clock import Clock

STALE_AFTER = 60.0
"""Seconds; in that time even a bad oscillator drifts by no more than some milliseconds."""


class ExchangeClock:
    """Asks the exchange for its time once a minute, and counts monotonic seconds in between.

    `now` is never later than the exchange's own time, since the stamp was made before its answer arrived. A candle
    that has ended by `now`, read *before* the candles are fetched, had ended when the exchange looked it up.
    """

    def __init__(self, clock: Clock, fetch_time: Callable[[], Awaitable[int | None]]) -> None:
        self._clock = clock
        self._fetch_time = fetch_time
        self._last: tuple[int, float] | None = None
        self._refreshing = False

    async def now(self) -> int | None:
        """Return the exchange's time in ms; None where it has none. Raises what `fetch_time` raises."""
        if self._last is None or (self._is_stale(self._last) and not self._refreshing):
            await self._refresh()
        if self._last is None:
            return None
        stamp, received_at = self._last
        return stamp + int((self._clock.monotonic() - received_at) * 1000)

    def _is_stale(self, last: tuple[int, float]) -> bool:
        return self._clock.monotonic() - last[1] > STALE_AFTER

    async def _refresh(self) -> None:
        """Ask once; concurrent callers use the previous stamp, since each call costs weight."""
        self._refreshing = True
        try:
            stamp = await self._fetch_time()
        finally:
            self._refreshing = False
        self._last = None if stamp is None else (stamp, self._clock.monotonic())
