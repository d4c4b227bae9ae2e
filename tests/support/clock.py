"""A clock that advances only when a test advances it."""

import asyncio
from datetime import UTC, datetime, timedelta

START = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


class ManualClock:
    """A Clock whose sleepers wake in order when `advance` passes their end."""

    def __init__(self, start: datetime = START) -> None:
        self._start = start
        self._elapsed = 0.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []
        self._sleeper_added = asyncio.Event()

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
        self._sleeper_added.set()
        try:
            await sleeper[1]
        finally:
            self._sleepers.remove(sleeper)

    async def wait_for_sleepers(self, count: int = 1) -> None:
        """Wait until `count` tasks sleep on this clock."""
        while len(self._sleepers) < count:
            self._sleeper_added.clear()
            await self._sleeper_added.wait()

    async def advance(self, seconds: float) -> None:
        """Let `seconds` pass, and run the tasks that wake."""
        self._elapsed += seconds
        for end, future in sorted(self._sleepers, key=lambda sleeper: sleeper[0]):
            if end <= self._elapsed and not future.done():
                future.set_result(None)
        for _ in range(10):
            await asyncio.sleep(0)
