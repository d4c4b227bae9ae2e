import pytest
from httpx import AsyncClient

PATH = "/api/v1/markets"


async def test_the_best_match_comes_first(client: AsyncClient) -> None:
    answer = await client.get(PATH, params={"search": "btc/usdt"})
    body = answer.json()
    assert body["data"][0] == {"exchange": "binance", "market_type": "spot", "symbol": "BTCUSDT"}
    assert [one["symbol"] for one in body["data"][::2]] == ["BTCUSDT", "1000BTCUSDT", "WBTCUSDT"]
    assert body["total"] == 6


async def test_the_answer_is_bounded_and_the_total_is_told(client: AsyncClient) -> None:
    answer = await client.get(PATH, params={"exchange": "Binance", "market_type": "future", "limit": 2})
    assert (len(answer.json()["data"]), answer.json()["total"]) == (2, 4)


@pytest.mark.parametrize("query", [{"exchange": "kraken"}, {"market_type": "option"}, {"limit": "x"}])
async def test_what_makes_no_sense_is_refused(client: AsyncClient, query: dict[str, str]) -> None:
    assert (await client.get(PATH, params=query)).status_code == 422


async def test_an_empty_search_is_no_search(client: AsyncClient) -> None:
    assert (await client.get(PATH, params={"search": "", "exchange": ""})).json()["total"] == 8
