"""`GET /api/v1/analysis/by-market/{market}`: a result by its name."""

import pytest
from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.unit.api.fakes import put_result

PATH = "/api/v1/analysis/by-market"


async def test_result_by_market_is_the_result_by_its_id(engine: AsyncEngine, client: AsyncClient) -> None:
    result_id = await put_result(engine, "BTCUSDT")
    await put_result(engine, "ETHUSDT")
    answer = await client.get(f"{PATH}/binance:spot:BTCUSDT:1h")
    assert answer.status_code == 200
    assert answer.content == (await client.get(f"/api/v1/analysis/{result_id}")).content


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("binance:spot:BTCUSDT:4h", 404),
        ("binance:future:BTCUSDT:1h", 404),
        ("binance:spot:BTCUSDT", 422),
        ("binance:spot:BTCUSDT:7h", 422),
        ("binance:margin:BTCUSDT:1h", 422),
        ("binance:spot:BTC_USDT:1h", 422),
    ],
)
async def test_result_by_market_refuses_unknown_and_invalid_names(
    engine: AsyncEngine, client: AsyncClient, name: str, status: int
) -> None:
    await put_result(engine, "BTCUSDT")
    answer = await client.get(f"{PATH}/{name}")
    assert answer.status_code == status
    assert answer.json()["detail"]


async def test_result_by_market_returns_a_past_publication(engine: AsyncEngine, client: AsyncClient) -> None:
    await put_result(engine, "BTCUSDT")
    answer = await client.get(f"{PATH}/binance:spot:BTCUSDT:1h", params={"at": "2001-01-01T00:00:00Z"})
    assert answer.status_code == 404
    assert "history" in answer.json()["detail"]
