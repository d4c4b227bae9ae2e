"""Measure a takeover: `python -m benchmarks.takeover redis://127.0.0.1:6379/0 [markets]`. The Redis should be empty.

One process writes series of 2,100 candles to it; another one, which has none, joins a close to each of them. Its
exchange counts the calls: there should be none.
"""

import asyncio
import sys
import time
from itertools import islice

import numpy as np
from redis.asyncio import Redis

from exchanges.candle_cache.shared_series import SharedSeries, open_shared_series
from exchanges.candle_cache.source import CachedCandleSource
from exchanges.ports import Candle, Series
from levels import Candles
from levels.evaluation.synthetic import make_random_walk
from runtime.clock import SystemClock
from runtime.settings import Settings
from schemas.market import Market
from tests.support.markets import ScriptedSource

MARKETS = 10_000
CANDLES = 2_100
_AT_ONCE = 50


def open_process(url: str, source: ScriptedSource) -> tuple[SharedSeries, CachedCandleSource]:
    """Return the shared series and the cache of a process."""
    settings, clock = (
        Settings.load(redis_url=url, exchanges=("binance",), topic_prefix="benchmark."),
        SystemClock(),
    )
    shared = open_shared_series(settings, clock)
    assert shared is not None
    return shared, CachedCandleSource(source, clock, 2_000_000_000, shared=shared)


async def write(url: str, markets: list[Market], series: list[Series]) -> None:
    """Fetch and write all markets."""
    shared, cache = open_process(
        url, ScriptedSource(*(series[i % len(series)] for i in range(len(markets) + 1)))
    )
    waiting = iter(markets)
    while part := list(islice(waiting, _AT_ONCE)):
        for market in part:
            await cache.candles(market, CANDLES)
        await shared.flush()
    await shared.close()


async def take_over(url: str, markets: list[Market], close: Candle) -> tuple[int, int]:
    """Join a close to each market at once, as after a rebalance; return how many joined, and the calls it took."""
    source = ScriptedSource()
    shared, cache = open_process(url, source)

    async def join(market: Market) -> bool:
        await cache.load_shared(market)
        return cache.join(market, [close], CANDLES) is not None

    joined = await asyncio.gather(*(join(market) for market in markets))
    await shared.flush()
    await shared.close()
    return sum(joined), len(source.calls)


def _make_candles(seed: int) -> Candles:
    """Prices and volumes have as many digits as an exchange's, for they are compressed."""
    walk = make_random_walk(seed, CANDLES)
    prices = (np.round(column, 2) for column in (walk.open, walk.high, walk.low, walk.close))
    return Candles(walk.time, *prices, np.round(walk.volume, 3))


async def main(url: str, count: int) -> None:
    markets = [Market.of("binance", f"S{number}USDT", "spot", "1h") for number in range(count)]
    series = [Series(_make_candles(seed), None, ()) for seed in range(100)]
    last = int(series[0].closed.time[-1])
    close = Candle(last + int(series[0].closed.time[1] - series[0].closed.time[0]), 1.0, 1.0, 1.0, 1.0, 1.0)
    async with Redis.from_url(url) as client:
        before = int((await client.info("memory"))["used_memory"])
        started = time.perf_counter()
        await write(url, markets, series)
        written = time.perf_counter()
        after = int((await client.info("memory"))["used_memory"])
        cpu = time.process_time()
        joined, calls = await take_over(url, markets, close)
        taken, cpu = time.perf_counter(), time.process_time() - cpu
    print(
        f"{count} series of {CANDLES} candles: {(after - before) / 1e6:.0f} MB, written in {written - started:.1f} s"
    )
    print(
        f"taken over and a close joined: {joined} in {taken - written:.1f} s ({cpu:.1f} s of CPU), {calls} calls"
    )


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else MARKETS))
