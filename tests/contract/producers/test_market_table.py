"""The `markets` table on SQLite and MySQL: what each exchange offers now, and nothing else."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from producers.watchlist import market_table
from producers.watchlist.market_lists import KnownMarkets
from producers.watchlist.selection import ListedMarket
from runtime.errors import Transient
from runtime.tasks import cancel_and_wait
from storage.database import open_database
from tests.support.clock import ManualClock
from tests.support.listings import BTC, ETH, ListedMarkets

BOTH = {
    ListedMarket("spot", "BTCUSDT", 2_000.0),
    ListedMarket("spot", "ETHUSDT"),
    ListedMarket("future", "BTCUSDT", 5.0),
}


@pytest.fixture
async def engine(migrated_database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = open_database(migrated_database_url)
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


async def load_rows(engine: AsyncEngine, exchange: str = "binance") -> set[ListedMarket]:
    async with engine.connect() as connection:
        return set(await market_table.load_markets(connection, exchange))


async def test_market_table_adds_listed_and_deletes_delisted_markets(
    engine: AsyncEngine, source: ListedMarkets, known: KnownMarkets, clock: ManualClock
) -> None:
    await known.refresh("binance")
    assert await load_rows(engine) == BOTH
    source.offered, source.traded = (BTC,), {BTC: 3.0}
    await clock.advance(3_600)
    await known.refresh("binance")
    assert await load_rows(engine) == {ListedMarket("spot", "BTCUSDT", 3.0)}


async def test_market_table_keeps_the_rows_of_another_exchange(
    engine: AsyncEngine, source: ListedMarkets, known: KnownMarkets
) -> None:
    await known.refresh("bybit")
    source.offered = (ETH,)
    await known.refresh("binance")
    assert await load_rows(engine, "bybit") == BOTH


async def test_market_table_keeps_its_rows_when_the_exchange_fails(
    engine: AsyncEngine, source: ListedMarkets, known: KnownMarkets
) -> None:
    await known.refresh("binance")
    source.list_error = Transient("away")
    with pytest.raises(Transient):
        await known.refresh("binance")
    assert await load_rows(engine) == BOTH


async def test_market_table_takes_a_list_without_volumes(
    engine: AsyncEngine, source: ListedMarkets, known: KnownMarkets
) -> None:
    source.volumes_error = Transient("away")
    await known.refresh("binance")
    assert {one.volume for one in await load_rows(engine)} == {None}


async def test_market_table_takes_concurrent_writers(engine: AsyncEngine) -> None:
    several = [KnownMarkets(ListedMarkets(), engine, ("binance",), ManualClock()) for _ in range(4)]
    await asyncio.gather(*(one.refresh("binance") for one in several))
    assert await load_rows(engine) == BOTH


async def test_known_markets_go_on_when_the_database_refuses_a_row(
    engine: AsyncEngine, known: KnownMarkets, clock: ManualClock
) -> None:
    refusal = (
        "CREATE TRIGGER refuse BEFORE INSERT ON markets FOR EACH ROW"
        " BEGIN IF NEW.symbol = 'ETHUSDT' THEN SIGNAL SQLSTATE '45000'; END IF; END"
        if engine.dialect.name == "mysql"
        else "CREATE TRIGGER refuse BEFORE INSERT ON markets WHEN NEW.symbol = 'ETHUSDT'"
        " BEGIN SELECT RAISE(ABORT, 'not this one'); END"
    )
    async with engine.begin() as connection:
        await connection.exec_driver_sql(refusal)
    running = asyncio.create_task(known.run())
    try:
        for _ in range(2):
            await clock.wait_for_sleepers()
            assert set(known.listed["binance"]) == BOTH
            await clock.advance(60.0)
        await (
            clock.wait_for_sleepers()
        )  # cancelled within a transaction, it would keep SQLite locked for a while
        assert not running.done()
    finally:
        await cancel_and_wait(running)
        async with engine.begin() as connection:
            await connection.exec_driver_sql("DROP TRIGGER refuse")
