"""A clock that goes only when a test says so."""

import asyncio
from datetime import UTC, datetime, timedelta

START = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


class ManualClock:
    """Sleepers wake when `advance` has carried the time past their end, in order."""

    def __init__(self, start: datetime = START) -> None:
        self._start = start
        self._elapsed = 0.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []
        self._someone_sleeps = asyncio.Event()

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        sleeper = (self._elapsed + seconds, asyncio.get_running_loop().create_future())
        self._sleepers.append(sleeper)
        self._someone_sleeps.set()
        try:
            await sleeper[1]
        finally:
            self._sleepers.remove(sleeper)

    async def asleep(self, sleepers: int = 1) -> None:
        """Wait until so many sleep."""
        while len(self._sleepers) < sleepers:
            self._someone_sleeps.clear()
            await self._someone_sleeps.wait()

    async def advance(self, seconds: float) -> None:
        """Let `seconds` pass, and let whoever wakes run."""
        self._elapsed += seconds
        for end, future in sorted(self._sleepers, key=lambda sleeper: sleeper[0]):
            if end <= self._elapsed and not future.done():
                future.set_result(None)
        for _ in range(10):
            await asyncio.sleep(0)
