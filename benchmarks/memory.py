"""Measure the memory that markets and watches take in the roles: `python -m benchmarks.memory`.

Counted by tracemalloc, so the figures are what Python and numpy allocated, without fragmentation. The baseline is the
data itself: the columns of the candles, the objects of markets and watches in a list.
"""

import asyncio
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.figures import Figure
from benchmarks.levels import make_candles
from benchmarks.watches import load_engine, some_watches
from exchanges.candle_cache.source import CachedCandleSource
from exchanges.ports import Series, Tradable
from levels import Candles
from producers.scheduler.agenda import Agenda
from producers.scheduler.schedule import SchedulePolicy
from runtime.clock import SystemClock
from schemas.market import Market

MARKETS = 1_000
CANDLES = 2_000
MANY = 100_000
START_MS = 1_763_812_800_000


class CopiedCandles:
    """A CandleSource that returns new arrays at each call, as an exchange does."""

    def __init__(self) -> None:
        self._candles = make_candles(CANDLES)

    async def candles(self, market: Market, limit: int) -> Series:
        return Series(copy_candles(self._candles), None, ())

    async def candles_since(self, market: Market, since_ms: int) -> Series:
        return await self.candles(market, CANDLES)

    async def candles_before(self, market: Market, before_ms: int, limit: int) -> Series:
        return await self.candles(market, limit)

    async def tradables(self, exchange: str) -> list[Tradable]:
        return []

    async def close(self) -> None: ...


def copy_candles(of: Candles) -> Candles:
    return Candles(
        of.time.copy(), *(np.array(one) for one in (of.open, of.high, of.low, of.close, of.volume))
    )


def allocate(build: Callable[[], Any]) -> float:
    """Return the MB that what `build` returns keeps allocated."""
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    kept = build()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del kept
    return (after - before) / 2**20


def build_markets(count: int) -> list[Market]:
    return [Market.of("sim", f"C{number}USDT", "spot", "1h") for number in range(count)]


def fill_cache() -> CachedCandleSource:
    cache = CachedCandleSource(CopiedCandles(), SystemClock(), 10 * 2**30)

    async def fill() -> None:
        for market in build_markets(MARKETS):
            await cache.candles(market, CANDLES)

    asyncio.run(fill())
    return cache


def fill_agenda() -> Agenda:
    agenda = Agenda(SchedulePolicy(delay=2, spread=30, rate=1_000))
    agenda.watch(build_markets(MANY), START_MS)
    return agenda


def measure() -> list[Figure]:
    """Return MB per 1,000 markets of an analyzer and of a scheduler, and per 1,000 watches of a watcher."""
    source = make_candles(CANDLES)
    share = MARKETS / MANY
    cache = allocate(fill_cache)
    columns = allocate(lambda: [copy_candles(source) for _ in range(MARKETS)])
    agenda, markets = allocate(fill_agenda) * share, allocate(lambda: build_markets(MANY)) * share
    engine, watches = allocate(lambda: load_engine(some_watches())) * share, allocate(some_watches) * share
    return [
        _compare("analyzer, 1,000 markets of 2,000 candles", cache, columns),
        _compare("scheduler, 1,000 markets", agenda, markets),
        _compare("watcher, 1,000 watches", engine, watches),
    ]


def _compare(name: str, ours: float, data: float) -> Figure:
    return Figure(name, "MB", ours, data, data / ours)


if __name__ == "__main__":
    for figure in measure():
        print(figure)
