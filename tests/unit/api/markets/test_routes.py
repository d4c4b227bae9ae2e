from datetime import timedelta

import pytest
from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncEngine

from broker.memory.broker import MemoryBroker
from producers.watchlist import market_table
from producers.watchlist.selection import ListedMarket
from runtime.errors import Transient
from tests.unit.api.fakes import NOW, ListedCandles, client_of, dependencies

PATH = "/api/v1/markets"


async def test_markets_are_ordered_by_match(client: AsyncClient) -> None:
    answer = await client.get(PATH, params={"search": "btc/usdt"})
    body = answer.json()
    assert body["data"][0] == {
        "exchange": "binance",
        "market_type": "spot",
        "symbol": "BTCUSDT",
        "volume": None,
    }
    assert [one["symbol"] for one in body["data"][::2]] == ["BTCUSDT", "1000BTCUSDT", "WBTCUSDT"]
    assert body["total"] == 6


async def test_markets_are_limited_and_counted(client: AsyncClient) -> None:
    answer = await client.get(PATH, params={"exchange": "Binance", "market_type": "future", "limit": 2})
    assert (len(answer.json()["data"]), answer.json()["total"]) == (2, 4)


@pytest.mark.parametrize("query", [{"exchange": "kraken"}, {"market_type": "option"}, {"limit": "x"}])
async def test_markets_refuse_invalid_parameters(client: AsyncClient, query: dict[str, str]) -> None:
    assert (await client.get(PATH, params=query)).status_code == 422


async def test_markets_ignore_empty_parameters(client: AsyncClient) -> None:
    assert (await client.get(PATH, params={"search": "", "exchange": ""})).json()["total"] == 8


async def store_market(engine: AsyncEngine, since: timedelta) -> None:
    async with engine.begin() as connection:
        await market_table.replace_markets(
            connection, "binance", [ListedMarket("spot", "KEPTUSDT", 12.5)], NOW - since
        )


async def test_markets_come_from_a_fresh_table(engine: AsyncEngine, client: AsyncClient) -> None:
    await store_market(engine, timedelta(hours=1))
    kept = {"exchange": "binance", "market_type": "spot", "symbol": "KEPTUSDT", "volume": 12.5}
    assert (await client.get(PATH)).json() == {"data": [kept], "total": 1}


async def test_markets_come_from_the_exchange_when_the_table_is_stale(
    engine: AsyncEngine, client: AsyncClient
) -> None:
    await store_market(engine, timedelta(hours=25))
    assert (await client.get(PATH)).json()["total"] == 8


async def test_markets_come_from_a_stale_table_while_the_exchange_is_away(
    engine: AsyncEngine, broker: MemoryBroker
) -> None:
    await store_market(engine, timedelta(days=9))
    away = ListedCandles(error=Transient("binance is away"))
    async with client_of(dependencies(engine, broker=broker, candles=away)) as client:
        assert (await client.get(PATH)).json()["data"][0]["symbol"] == "KEPTUSDT"
