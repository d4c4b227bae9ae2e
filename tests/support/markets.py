"""A candle source that follows a script, and records its calls."""

import asyncio
from collections.abc import Sequence

import numpy as np

from exchanges.ports import Candle, Series, Tradable
from levels import Candles
from schemas.market import Market

HOUR = 3_600_000
_NEWEST = 1_767_610_800_000


def series(closed: int = 400, *, last_price: float | None = None) -> Series:
    """A market that swings between 90 and 110; `last_price` is that of a candle still open."""
    steps = np.arange(closed)
    close = 100 + 8 * np.sin(steps / 9.0) + 2 * np.sin(steps / 2.3)
    candles = Candles(
        time=_NEWEST - (closed - 1 - steps) * HOUR,
        open=close,
        high=close + 0.5,
        low=close - 0.5,
        close=close,
        volume=np.full(closed, 10.0),
    )
    price = last_price
    unclosed = None if price is None else Candle(_NEWEST + HOUR, price, price, price, price, 1.0)
    return Series(closed=candles, unclosed=unclosed, gaps=())


class ScriptedSource:
    """Answers each call with the next of `script`: a Series, or an error to raise; the last one again and again."""

    def __init__(self, *script: Series | Exception) -> None:
        self._script = list(script) or [series()]
        self.calls: list[tuple[str, int]] = []
        self.gate: asyncio.Event | None = None
        self.asked = asyncio.Event()

    async def candles(self, market: Market, limit: int) -> Series:
        self.calls.append((market.key, limit))
        self.asked.set()
        if self.gate is not None:
            await self.gate.wait()
        answer = self._script.pop(0) if len(self._script) > 1 else self._script[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def candles_since(self, market: Market, since_ms: int) -> Series:
        return await self.candles(market, 0)

    async def candles_before(self, market: Market, before_ms: int, limit: int) -> Series:
        return await self.candles(market, limit)

    async def tradables(self, exchange: str) -> Sequence[Tradable]:
        return ()

    async def close(self) -> None:
        pass
