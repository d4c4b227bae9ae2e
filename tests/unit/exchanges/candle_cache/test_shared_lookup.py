"""Lookups in shared series: one at a time for a market, and none for a while after one that found nothing."""

import asyncio

from exchanges.candle_cache.entry import CachedSeries
from exchanges.candle_cache.shared_lookup import SharedLookup
from schemas.market import Market
from tests.support.clock import ManualClock
from tests.support.deadlines import within
from tests.support.markets import series

BTC = Market.of("binance", "BTCUSDT", "spot", "1h")
ETH = Market.of("binance", "ETHUSDT", "spot", "1h")
ENTRY = CachedSeries(series(), 2_000, 0.0, unconfirmed=False)


class Loader:
    """Returns `entry` for each market once `gate` is open, and records the lookups."""

    def __init__(self, entry: CachedSeries | None) -> None:
        self.entry = entry
        self.lookups: list[str] = []
        self.gate = asyncio.Event()

    async def load(self, market: Market) -> CachedSeries | None:
        self.lookups.append(market.key)
        await self.gate.wait()
        return self.entry


class LookupBench:
    def __init__(self, entry: CachedSeries | None = ENTRY, *, is_useful: bool = True) -> None:
        self.clock = ManualClock()
        self.loader = Loader(entry)
        self.lookup = SharedLookup(self.loader, self.clock)
        self.accepted: list[CachedSeries] = []
        self._is_useful = is_useful

    async def take(self, market: Market = BTC) -> bool:
        return await within(self.lookup.take(market, self._accept))

    def _accept(self, entry: CachedSeries) -> bool:
        self.accepted.append(entry)
        return self._is_useful


async def test_callers_of_one_market_share_a_lookup() -> None:
    bench = LookupBench()
    waiting = [asyncio.create_task(bench.take(market)) for market in (BTC, BTC, ETH)]
    await asyncio.sleep(0)
    bench.loader.gate.set()
    assert await asyncio.gather(*waiting) == [True, True, True]
    assert bench.loader.lookups == [BTC.key, ETH.key]
    assert bench.accepted == [ENTRY, ENTRY]


async def test_market_that_is_not_shared_is_looked_up_again_after_a_minute() -> None:
    bench = LookupBench(None)
    bench.loader.gate.set()
    assert not await bench.take()
    assert not await bench.take()
    assert bench.loader.lookups == [BTC.key]
    await bench.clock.advance(60)
    assert not await bench.take()
    assert len(bench.loader.lookups) == 2


async def test_series_without_newer_candles_is_a_miss() -> None:
    bench = LookupBench(is_useful=False)
    bench.loader.gate.set()
    assert not await bench.take()
    assert not await bench.take()
    assert bench.accepted == [ENTRY]


async def test_lookup_after_a_cancelled_one_is_a_new_one() -> None:
    bench = LookupBench()
    waiting = asyncio.create_task(bench.take())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    bench.loader.gate.set()
    assert await bench.take()
    assert len(bench.loader.lookups) == 2
