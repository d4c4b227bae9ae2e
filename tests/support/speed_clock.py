"""A clock that runs faster than real time, for roles whose work follows the minutes of an exchange."""

import asyncio
import time
from datetime import datetime, timedelta


class SpeedClock:
    """A Clock of which `factor` seconds pass in one real second, from `start` on."""

    def __init__(self, factor: float, start: datetime) -> None:
        self._factor = factor
        self._start = start
        self._began = time.monotonic()

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return (time.monotonic() - self._began) * self._factor

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._factor)
