"""The REST API as CONTRACTS gives it, on SQLite and on MySQL."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from api.app import create_app
from api.composition import composed
from api.server import serving
from runtime.broker.memory import MemoryBroker
from runtime.broker.ports import Message
from runtime.database import open_database
from runtime.migrations import upgrade
from runtime.settings import Settings
from schemas.events import AnalysisFailed
from schemas.market import Market
from schemas.topics import TOPICS, encode_failed
from tests.support.deadlines import until
from tests.unit.api.fakes import (
    NOW,
    AwayBroker,
    broker_with_topics,
    client_of,
    dependencies,
    put_job,
    put_result,
)
from tests.unit.api.test_rows import LEVEL

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


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    await upgrade(database_url)
    engine = open_database(database_url)
    try:
        yield engine
    finally:
        await engine.dispose()


@pytest.fixture
async def broker() -> AsyncIterator[MemoryBroker]:
    broker = await broker_with_topics()
    try:
        yield broker
    finally:
        await broker.close()


@pytest.fixture
async def client(engine: AsyncEngine, broker: MemoryBroker) -> AsyncIterator[AsyncClient]:
    async with client_of(dependencies(engine, broker=broker)) as client:
        yield client


def ago(minutes: int) -> Any:
    return (NOW - timedelta(minutes=minutes)).replace(tzinfo=None)


async def put_many(engine: AsyncEngine) -> None:
    """From newest to oldest; what is older in `updated_at` came later in `id`."""
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


async def found(client: AsyncClient, **query: object) -> list[str]:
    answer = await client.get(RESULTS, params=query)
    assert answer.status_code == 200, answer.text
    return [f"{row['symbol']} {row['timeframe']}" for row in answer.json()["data"]]


async def test_without_a_filter_the_newest_come_first(client: AsyncClient, engine: AsyncEngine) -> None:
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
    assert set(body["data"][0]) == ROW
    first = body["data"][0]
    assert (first["support_levels"], first["last_price"]) == ([64000.5, 63000.0], 65432.1)
    assert (first["updated_at"], first["candle_at"]) == ("2026-11-22T12:30:00Z", None)


async def test_of_the_same_time_the_later_row_comes_first(client: AsyncClient, engine: AsyncEngine) -> None:
    for symbol in ("AAAUSDT", "BBBUSDT", "CCCUSDT"):
        await put_result(engine, symbol)
    assert await found(client) == ["CCCUSDT 1h", "BBBUSDT 1h", "AAAUSDT 1h"]


@pytest.mark.parametrize("written", ["BTCUSDT", "btc/usdt", "Btc-Usdt", "btc_usdt", " BTC/USDT:USDT "])
async def test_an_exact_match_comes_before_what_contains_it(
    client: AsyncClient, engine: AsyncEngine, written: str
) -> None:
    await put_many(engine)
    assert await found(client, symbol=written) == ["BTCUSDT 4h", "BTCUSDT 1h", "BTCUSDT 1m", "WBTCUSDT 1h"]


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
async def test_filters(
    client: AsyncClient, engine: AsyncEngine, query: dict[str, str], symbols: list[str] | None
) -> None:
    await put_many(engine)
    rows = [one.split()[0] for one in await found(client, **query)]
    assert rows == symbols if symbols is not None else len(rows) == 7


async def test_the_symbols_of_other_backends_are_found_however_they_write_them(
    client: AsyncClient, engine: AsyncEngine
) -> None:
    await put_result(engine, "SOL/USDT")
    await put_result(engine, "sol_usdc", updated_at=ago(1))
    assert await found(client, symbol="SOLUSDT") == ["SOL/USDT 1h"]
    assert await found(client, symbol="solusdc") == ["sol_usdc 1h"]
    assert await found(client, symbol="sol") == ["SOL/USDT 1h", "sol_usdc 1h"]


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
async def test_pages(
    client: AsyncClient, engine: AsyncEngine, query: dict[str, int], page: int, size: int, ids: list[int]
) -> None:
    await put_many(engine)
    body = (await client.get(RESULTS, params=query)).json()
    assert (body["page"], body["pageSize"], body["total"]) == (page, size, 7)
    assert body["totalPages"] == -(-7 // size)
    assert [row["id"] for row in body["data"]] == ids


@pytest.mark.parametrize("symbol", ["\x00", "B" * 129])
async def test_a_symbol_that_can_be_none_is_refused(client: AsyncClient, symbol: str) -> None:
    answer = await client.get(RESULTS, params={"symbol": symbol})
    assert answer.status_code == 422
    assert "symbol" in answer.json()["detail"]


@pytest.mark.parametrize("name", ["page", "pageSize"])
@pytest.mark.parametrize("value", ["x", "1.5", "1e3", "NaN", "٣x"])
async def test_what_is_no_number_is_refused(client: AsyncClient, name: str, value: str) -> None:
    answer = await client.get(RESULTS, params={name: value})
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert name in answer.json()["detail"]


async def test_an_empty_table_has_no_pages(client: AsyncClient) -> None:
    assert (await client.get(RESULTS)).json() == {
        "data": [],
        "total": 0,
        "page": 1,
        "pageSize": 10,
        "totalPages": 0,
    }


async def test_odd_levels_of_another_backend_cost_nobody_the_list(
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


async def test_text_that_is_no_json_costs_nobody_the_list(client: AsyncClient, engine: AsyncEngine) -> None:
    if engine.dialect.name == "mysql":
        pytest.skip("MySQL's JSON columns take nothing else")
    await put_result(engine, "BTCUSDT")
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE analysis_results SET support_levels = '{broken'"))
    assert (await client.get(RESULTS)).json()["data"][0]["support_levels"] == []


async def test_one_result_has_its_levels(client: AsyncClient, engine: AsyncEngine) -> None:
    result_id = await put_result(
        engine,
        "BTCUSDT",
        levels=[LEVEL],
        candle_at=1_795_345_200_000,
        analyzed_at=NOW.replace(tzinfo=None, microsecond=512_000),
        request_id="my-7",
        algorithm="strandline/1",
    )
    body = (await client.get(f"/api/v1/analysis/{result_id}")).json()
    assert set(body) == {"data"}
    row = body["data"]
    assert set(row) == ROW | {"levels"}
    assert (row["candle_at"], row["analyzed_at"]) == ("2026-11-22T11:00:00Z", "2026-11-22T12:30:00.512000Z")
    assert row["levels"][0]["price"] == 64000.5
    assert row["levels"][0]["confirmed_at"] == "2026-11-02T00:00:00Z"


async def test_a_result_of_another_backend_has_none_of_ours(client: AsyncClient, engine: AsyncEngine) -> None:
    result_id = await put_result(engine, "BTCUSDT")
    row = (await client.get(f"/api/v1/analysis/{result_id}")).json()["data"]
    assert [row[name] for name in ("levels", "candle_at", "analyzed_at", "algorithm")] == [None] * 4


@pytest.mark.parametrize("result_id", [99, 0, -1, 2**63 - 1, 2**63, 2**64, 10**30])
async def test_a_result_that_is_not_there_is_a_404(client: AsyncClient, result_id: int) -> None:
    answer = await client.get(f"/api/v1/analysis/{result_id}")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert str(result_id) in answer.json()["error"]


@pytest.mark.parametrize("result_id", ["x", "1 OR 1=1", "1.5", "%27"])
async def test_an_id_that_is_no_number_is_a_422(client: AsyncClient, result_id: str) -> None:
    assert (await client.get(f"/api/v1/analysis/{result_id}")).status_code == 422


async def test_a_job_is_told_as_it_stands(client: AsyncClient, engine: AsyncEngine) -> None:
    await put_job(engine, "kafka:strandline.requests.v1:3:42")
    await put_job(
        engine,
        "my-7",
        status="failed",
        reason="unknown_symbol",
        message="交易对不存在",
        ended_at=NOW.replace(tzinfo=None, microsecond=512_000),
    )
    queued = await client.get("/api/v1/jobs/kafka:strandline.requests.v1:3:42")
    assert queued.json() == {
        "request_id": "kafka:strandline.requests.v1:3:42",
        "status": "queued",
        "reason": None,
        "message": None,
        "market": "binance:spot:BTCUSDT:1h",
        "queued_at": "2026-11-22T12:30:00Z",
        "ended_at": None,
        "result_id": None,
    }
    failed = (await client.get("/api/v1/jobs/my-7")).json()
    assert (failed["status"], failed["reason"], failed["message"]) == (
        "failed",
        "unknown_symbol",
        "交易对不存在",
    )
    assert failed["ended_at"] == "2026-11-22T12:30:00.512000Z"


@pytest.mark.parametrize(
    ("request_id", "status"), [("MY-7", 404), ("none", 404), ("ü", 422), ("x" * 129, 422)]
)
async def test_a_job_that_is_not_known(
    client: AsyncClient, engine: AsyncEngine, request_id: str, status: int
) -> None:
    await put_job(engine, "my-7")
    answer = await client.get(f"/api/v1/jobs/{request_id}")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


async def test_jobs_are_newest_first_filtered_and_bounded(client: AsyncClient, engine: AsyncEngine) -> None:
    await put_job(engine, "a", queued_at=ago(3))
    await put_job(engine, "b", queued_at=ago(1), status="completed", market="binance:spot:ETHUSDT:1h")
    await put_job(engine, "c", queued_at=ago(2), status="failed", market=None)
    await put_job(engine, "d", queued_at=None, status="completed", ended_at=ago(0))

    async def ids(**query: object) -> list[str]:
        answer = await client.get("/api/v1/jobs", params=query)
        assert answer.status_code == 200, answer.text
        return [job["request_id"] for job in answer.json()["data"]]

    assert await ids() == ["b", "c", "a", "d"]
    assert await ids(status="completed") == ["b", "d"]
    assert await ids(status="", market="") == ["b", "c", "a", "d"]
    assert await ids(market="binance:spot:ETHUSDT:1h") == ["b"]
    assert await ids(market="币' OR 1=1") == []
    assert await ids(limit=2) == ["b", "c"]
    assert len(await ids(limit=10**30)) == 4
    assert (await client.get("/api/v1/jobs", params={"status": "gone"})).status_code == 422


async def test_the_old_results_are_a_list_newest_first(client: AsyncClient, engine: AsyncEngine) -> None:
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


async def test_health_tells_what_answers(client: AsyncClient) -> None:
    assert (await client.get("/health")).json() == {
        "status": "ok",
        "version": "0.1.0",
        "database": True,
        "broker": True,
    }


async def test_with_kafka_away_reads_work_and_writes_are_unknown(engine: AsyncEngine) -> None:
    await put_result(engine, "BTCUSDT")
    deps = dependencies(engine, broker=AwayBroker(hangs=True), publish_timeout=0.05)
    async with client_of(deps) as client, asyncio.timeout(10):
        for path in (RESULTS, "/api/v1/analysis/1", "/results", "/api/v1/jobs", "/health", "/"):
            assert (await client.get(path)).status_code == 200
        for path in ("/analyze", "/api/v1/analysis/trigger?wait=5"):
            answer = await client.post(path, json={"symbol": "BTCUSDT", "request_id": "my-7"})
            assert (answer.status_code, answer.json()["request_id"]) == (503, "my-7")
            assert int(answer.headers["retry-after"]) > 0


async def test_a_request_goes_out_and_its_end_comes_in_over_kafka(
    kafka_bootstrap: str, sqlite_url: str, unique: Callable[[str], str]
) -> None:
    settings = Settings(kafka_bootstrap=kafka_bootstrap, database_url=SecretStr(sqlite_url))
    symbol = unique("S").replace("-", "").upper()
    await upgrade(sqlite_url)
    async with asyncio.timeout(60), AsyncExitStack() as stack:
        deps = composed(settings, stack)
        await deps.broker.create_topics(TOPICS, partitions=2, replication=1)
        app = create_app(deps)
        there = await stack.enter_async_context(serving(app, host="127.0.0.1", port=0))
        await until(lambda: app.state.live.opened)
        client = await stack.enter_async_context(AsyncClient(base_url=there.url, trust_env=False, timeout=20))
        follow = client.stream("GET", "/api/v1/stream", params={"market": symbol})
        lines = (await stack.enter_async_context(follow)).aiter_lines()
        queued = await client.post("/api/v1/analysis/trigger", json={"symbol": symbol, "request_id": symbol})
        assert queued.status_code == 202
        assert (await client.get(f"/api/v1/jobs/{symbol}")).json()["status"] == "queued"
        failed = AnalysisFailed(
            request_ids=(symbol,),
            market=Market.of("binance", symbol),
            reason="unknown_symbol",
            message="no such market",
            attempts=1,
            failed_at=NOW,
        )
        await deps.broker.publish(Message(*encode_failed(failed, source="test")))
        assert "failure" in await _event(lines)


async def _event(lines: AsyncIterator[str]) -> str:
    async for line in lines:
        if line.startswith("event: "):
            return line
    raise AssertionError("the stream ended")
