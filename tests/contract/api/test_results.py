"""The lists of results."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.unit.api.fakes import NOW, put_result

RESULTS = "/api/v1/analysis/results"
ROW = {
    "id",
    "exchange",
    "symbol",
    "market_type",
    "timeframe",
    "input_limit",
    "support_levels",
    "resistance_levels",
    "last_price",
    "created_at",
    "updated_at",
    "candle_at",
    "analyzed_at",
    "request_id",
    "algorithm",
}


def ago(minutes: int) -> datetime:
    return (NOW - timedelta(minutes=minutes)).replace(tzinfo=None)


async def put_many(engine: AsyncEngine) -> None:
    """Insert results from newest to oldest: a later `id` has an older `updated_at`."""
    for minutes, (symbol, columns) in enumerate(
        [
            ("WBTCUSDT", {}),
            ("BTCUSDT", {"timeframe": "4h"}),
            ("BTCUSDT", {"exchange": "bybit", "market_type": "future"}),
            ("BTCUSDT", {"timeframe": "1m"}),
            ("BTCUSDC", {"timeframe": "1d"}),
            ("ETHUSDT", {}),
            ("币安人生USDT", {}),
        ]
    ):
        await put_result(engine, symbol, updated_at=ago(minutes), **columns)


async def list_found(client: AsyncClient, **query: object) -> list[str]:
    answer = await client.get(RESULTS, params=query)
    assert answer.status_code == 200, answer.text
    return [f"{row['symbol']} {row['timeframe']}" for row in answer.json()["data"]]


async def test_results_without_a_filter_are_newest_first(client: AsyncClient, engine: AsyncEngine) -> None:
    await put_many(engine)
    answer = await client.get(RESULTS)
    body = answer.json()
    assert {key: body[key] for key in ("total", "page", "pageSize", "totalPages")} == {
        "total": 7,
        "page": 1,
        "pageSize": 10,
        "totalPages": 1,
    }
    assert [row["id"] for row in body["data"]] == [1, 2, 3, 4, 5, 6, 7]
    assert set(body["data"][0]) == ROW | {"nearest"}
    first = body["data"][0]
    assert (first["support_levels"], first["last_price"]) == ([64000.5, 63000.0], 65432.1)
    assert (first["updated_at"], first["candle_at"]) == ("2026-11-22T12:30:00Z", None)


async def test_results_of_the_same_time_are_ordered_by_id(client: AsyncClient, engine: AsyncEngine) -> None:
    for symbol in ("AAAUSDT", "BBBUSDT", "CCCUSDT"):
        await put_result(engine, symbol)
    assert await list_found(client) == ["CCCUSDT 1h", "BBBUSDT 1h", "AAAUSDT 1h"]


@pytest.mark.parametrize("written", ["BTCUSDT", "btc/usdt", "Btc-Usdt", "btc_usdt", " BTC/USDT:USDT "])
async def test_results_have_exact_matches_first(
    client: AsyncClient, engine: AsyncEngine, written: str
) -> None:
    await put_many(engine)
    assert await list_found(client, symbol=written) == [
        "BTCUSDT 4h",
        "BTCUSDT 1h",
        "BTCUSDT 1m",
        "WBTCUSDT 1h",
    ]


@pytest.mark.parametrize(
    ("query", "symbols"),
    [
        ({"symbol": "btc"}, ["WBTCUSDT", "BTCUSDT", "BTCUSDT", "BTCUSDT", "BTCUSDC"]),
        ({"symbol": "c/u"}, ["WBTCUSDT", "BTCUSDT", "BTCUSDT", "BTCUSDT", "BTCUSDC"]),
        ({"symbol": "人生"}, ["币安人生USDT"]),
        ({"symbol": "btc", "exchange": "Bybit"}, ["BTCUSDT"]),
        ({"market_type": "future"}, ["BTCUSDT"]),
        ({"timeframe": "1m"}, ["BTCUSDT"]),
        ({"timeframe": "1M"}, []),
        ({"exchange": "kraken"}, []),
        (
            {"symbol": "", "exchange": "", "market_type": "", "timeframe": "", "page": "", "pageSize": ""},
            None,
        ),
        ({"symbol": "%"}, []),
        ({"symbol": "_"}, []),
        ({"symbol": "BTC%"}, []),
        ({"symbol": "B_C"}, []),
        ({"symbol": "\\"}, []),
        ({"symbol": "' OR 1=1 --"}, []),
        ({"symbol": '"; DROP TABLE analysis_results; --'}, []),
        ({"symbol": "😀"}, []),
        ({"exchange": "' OR ''='"}, []),
        ({"timeframe": "1h' OR 1=1"}, []),
    ],
)
async def test_results_are_filtered(
    client: AsyncClient, engine: AsyncEngine, query: dict[str, str], symbols: list[str] | None
) -> None:
    await put_many(engine)
    rows = [one.split()[0] for one in await list_found(client, **query)]
    assert rows == symbols if symbols is not None else len(rows) == 7


async def test_results_match_symbols_in_any_spelling(client: AsyncClient, engine: AsyncEngine) -> None:
    await put_result(engine, "SOL/USDT")
    await put_result(engine, "sol_usdc", updated_at=ago(1))
    assert await list_found(client, symbol="SOLUSDT") == ["SOL/USDT 1h"]
    assert await list_found(client, symbol="solusdc") == ["sol_usdc 1h"]
    assert await list_found(client, symbol="sol") == ["SOL/USDT 1h", "sol_usdc 1h"]


@pytest.mark.parametrize(
    ("query", "page", "size", "ids"),
    [
        ({"pageSize": 3}, 1, 3, [1, 2, 3]),
        ({"pageSize": 3, "page": 2}, 2, 3, [4, 5, 6]),
        ({"pageSize": 3, "page": 3}, 3, 3, [7]),
        ({"pageSize": 3, "page": 4}, 4, 3, []),
        ({"pageSize": 101}, 1, 100, [1, 2, 3, 4, 5, 6, 7]),
        ({"pageSize": 10**30}, 1, 100, [1, 2, 3, 4, 5, 6, 7]),
        ({"pageSize": 0}, 1, 10, [1, 2, 3, 4, 5, 6, 7]),
        ({"pageSize": -1}, 1, 10, [1, 2, 3, 4, 5, 6, 7]),
        ({"page": 0}, 1, 10, [1, 2, 3, 4, 5, 6, 7]),
        ({"page": -9}, 1, 10, [1, 2, 3, 4, 5, 6, 7]),
        ({"page": 10**30}, 10**30, 10, []),
    ],
)
async def test_results_are_paged(
    client: AsyncClient, engine: AsyncEngine, query: dict[str, int], page: int, size: int, ids: list[int]
) -> None:
    await put_many(engine)
    body = (await client.get(RESULTS, params=query)).json()
    assert (body["page"], body["pageSize"], body["total"]) == (page, size, 7)
    assert body["totalPages"] == -(-7 // size)
    assert [row["id"] for row in body["data"]] == ids


@pytest.mark.parametrize("symbol", ["\x00", "B" * 129])
async def test_results_refuse_an_invalid_symbol(client: AsyncClient, symbol: str) -> None:
    answer = await client.get(RESULTS, params={"symbol": symbol})
    assert answer.status_code == 422
    assert "symbol" in answer.json()["detail"]


@pytest.mark.parametrize("name", ["page", "pageSize"])
@pytest.mark.parametrize("value", ["x", "1.5", "1e3", "NaN", "٣x"])
async def test_results_refuse_a_page_that_is_not_a_number(client: AsyncClient, name: str, value: str) -> None:
    answer = await client.get(RESULTS, params={name: value})
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert name in answer.json()["detail"]


async def test_results_of_an_empty_table_have_no_pages(client: AsyncClient) -> None:
    assert (await client.get(RESULTS)).json() == {
        "data": [],
        "total": 0,
        "page": 1,
        "pageSize": 10,
        "totalPages": 0,
        "next": None,
    }


async def test_results_tolerate_odd_levels_of_other_backends(
    client: AsyncClient, engine: AsyncEngine
) -> None:
    odd: list[Any] = [None, {}, "text", ["1.5", "x", {"price": 2}, None], 7, "[3, 4]"]
    for number, levels in enumerate(odd):
        await put_result(engine, f"ODD{number}", support_levels=levels, resistance_levels=levels)
    rows = (await client.get(RESULTS)).json()["data"]
    assert {row["symbol"]: row["support_levels"] for row in rows} == {
        "ODD0": [],
        "ODD1": [],
        "ODD2": [],
        "ODD3": [1.5, 2.0],
        "ODD4": [],
        "ODD5": [3.0, 4.0],
    }
    assert (await client.get("/results")).status_code == 200
    for row in rows:
        assert (await client.get(f"/api/v1/analysis/{row['id']}")).status_code == 200


async def test_results_tolerate_invalid_json(client: AsyncClient, engine: AsyncEngine) -> None:
    if engine.dialect.name == "mysql":
        pytest.skip("MySQL's JSON columns take nothing else")
    await put_result(engine, "BTCUSDT")
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE analysis_results SET support_levels = '{broken'"))
    assert (await client.get(RESULTS)).json()["data"][0]["support_levels"] == []


async def test_service_results_are_a_list_newest_first(client: AsyncClient, engine: AsyncEngine) -> None:
    await put_many(engine)

    async def ids(**query: object) -> list[int]:
        answer = await client.get("/results", params=query)
        assert answer.status_code == 200, answer.text
        return [row["id"] for row in answer.json()]

    assert await ids() == [1, 2, 3, 4, 5, 6, 7]
    assert await ids(symbol="btc/usdt") == [2, 3, 4]
    assert await ids(symbol="BTCUSDT", limit=1) == [2]
    assert await ids(symbol="' OR 1=1") == []
    assert await ids(limit=0) == [1, 2, 3, 4, 5, 6, 7]
    assert (await client.get("/results", params={"limit": "x"})).status_code == 422


async def test_results_have_the_nearest_levels(client: AsyncClient, engine: AsyncEngine) -> None:
    await put_result(engine, "BTCUSDT", last_price=64500.0)
    [row] = (await client.get(RESULTS)).json()["data"]
    assert row["nearest"]["support"]["price"] == 64000.5
    assert row["nearest"]["support"]["score"] is None
    assert row["nearest"]["resistance"]["price"] == 66010.0
