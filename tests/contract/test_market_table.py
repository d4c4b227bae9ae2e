"""The `markets` table on SQLite and MySQL: it says what an exchange offers now, and nothing else."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from producers.scheduler import market_table
from producers.scheduler.market_lists import KnownMarkets
from producers.scheduler.watchlist import Listed
from runtime.errors import Transient
from storage.database import open_database
from storage.migrations import upgrade
from tests.support.clock import ManualClock
from tests.support.listings import BTC, ETH, ListedMarkets

BOTH = {Listed("spot", "BTCUSDT", 2_000.0), Listed("spot", "ETHUSDT"), Listed("future", "BTCUSDT", 5.0)}


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    await upgrade(database_url)
    engine = open_database(database_url)
    try:
        yield engine
    finally:
        await engine.dispose()


@pytest.fixture
def source() -> ListedMarkets:
    return ListedMarkets()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def known(engine: AsyncEngine, source: ListedMarkets, clock: ManualClock) -> KnownMarkets:
    return KnownMarkets(source, engine, ("binance",), clock)


async def stored(engine: AsyncEngine, exchange: str = "binance") -> set[Listed]:
    async with engine.connect() as connection:
        return set(await market_table.kept(connection, exchange))


async def test_what_is_listed_comes_and_what_is_delisted_goes(
    engine: AsyncEngine, source: ListedMarkets, known: KnownMarkets, clock: ManualClock
) -> None:
    await known.refresh("binance")
    assert await stored(engine) == BOTH
    source.offered, source.traded = (BTC,), {BTC: 3.0}
    await clock.advance(3_600)
    await known.refresh("binance")
    assert await stored(engine) == {Listed("spot", "BTCUSDT", 3.0)}


async def test_another_exchange_is_left_alone(
    engine: AsyncEngine, source: ListedMarkets, known: KnownMarkets
) -> None:
    await known.refresh("bybit")
    source.offered = (ETH,)
    await known.refresh("binance")
    assert await stored(engine, "bybit") == BOTH


async def test_an_exchange_in_trouble_empties_nothing(
    engine: AsyncEngine, source: ListedMarkets, known: KnownMarkets
) -> None:
    await known.refresh("binance")
    source.trouble = Transient("away")
    with pytest.raises(Transient):
        await known.refresh("binance")
    assert await stored(engine) == BOTH


async def test_a_list_without_volumes_is_a_list(
    engine: AsyncEngine, source: ListedMarkets, known: KnownMarkets
) -> None:
    source.no_volumes = Transient("away")
    await known.refresh("binance")
    assert {one.volume for one in await stored(engine)} == {None}


async def test_several_may_write_it_at_once(engine: AsyncEngine) -> None:
    several = [KnownMarkets(ListedMarkets(), engine, ("binance",), ManualClock()) for _ in range(4)]
    await asyncio.gather(*(one.refresh("binance") for one in several))
    assert await stored(engine) == BOTH
