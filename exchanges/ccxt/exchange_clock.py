"""What time it is on an exchange, without believing our own wall clock."""

from collections.abc import Awaitable, Callable

from runtime.clock import Clock

STALE_AFTER = 60.0
"""Seconds; in that time even a bad oscillator is off by no more than some milliseconds."""


class ExchangeClock:
    """Asks the exchange now and then, and counts monotonic seconds between.

    `now` is never later than the exchange's own time, since the stamp was made before its answer arrived. So a candle
    that has ended by `now`, asked *before* the candles are fetched, had ended when the exchange looked it up.
    """

    def __init__(self, clock: Clock, fetch_time: Callable[[], Awaitable[int | None]]) -> None:
        self._clock = clock
        self._fetch_time = fetch_time
        self._told: tuple[int, float] | None = None
        self._asking = False

    async def now(self) -> int | None:
        """ms; None where the exchange does not say. Raises what `fetch_time` raises."""
        if self._told is None or (self._stale(self._told) and not self._asking):
            await self._ask()
        if self._told is None:
            return None
        stamp, heard = self._told
        return stamp + int((self._clock.monotonic() - heard) * 1000)

    def _stale(self, told: tuple[int, float]) -> bool:
        return self._clock.monotonic() - told[1] > STALE_AFTER

    async def _ask(self) -> None:
        """While one asks, the others go by what they were told last: each question costs weight."""
        self._asking = True
        try:
            stamp = await self._fetch_time()
        finally:
            self._asking = False
        self._told = None if stamp is None else (stamp, self._clock.monotonic())
