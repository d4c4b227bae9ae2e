"""The exchange's own time: set once, then advanced by the monotonic clock."""

from runtime.clock import Clock


class ExchangeTime:
    """Milliseconds since 1970 on the simulated exchange. `start` None: the wall clock's time."""

    def __init__(self, clock: Clock, start: int | None) -> None:
        self._clock = clock
        self._start = int(clock.now().timestamp() * 1000) if start is None else start
        self._began = clock.monotonic()

    def now(self) -> int:
        return self._start + int((self._clock.monotonic() - self._began) * 1000)
