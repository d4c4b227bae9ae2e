"""A clock that runs faster than real time, for roles whose work follows the minutes of an exchange."""

import asyncio
import time
from datetime import datetime, timedelta


class SpeedClock:
    """A Clock of which `factor` seconds pass in one real second, from `start` on.

    `began`: the monotonic time at which it was `start`, for processes that share a clock; None: now.
    """

    def __init__(self, factor: float, start: datetime, began: float | None = None) -> None:
        self._factor = factor
        self._start = start
        self.began = time.monotonic() if began is None else began

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return (time.monotonic() - self.began) * self._factor

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._factor)
