"""An analyzer whose exchange has every candle ready: `python -m benchmarks.ready_analyzer SECONDS`, by the settings.

The exchange answers a call after SECONDS. Everything else is the role.
"""

import asyncio
import sys

from benchmarks.pipeline import ReadyCandles
from consumers.analyzer.__main__ import run
from exchanges.ports import Series
from producers.role_process import role_process
from runtime.settings import Settings
from schemas.market import Market


class SlowCandles(ReadyCandles):
    """A CandleSource that answers after `delay` seconds."""

    def __init__(self, delay: float) -> None:
        super().__init__()
        self._delay = delay

    async def candles(self, market: Market, limit: int) -> Series:
        if self._delay:
            await asyncio.sleep(self._delay)
        return await super().candles(market, limit)


async def main(delay: float) -> None:
    async with role_process(Settings.load(), "analyzer") as process:
        await run(process, SlowCandles(delay))


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1])))
