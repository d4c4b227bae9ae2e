"""Candles over HTTP: spans, limits and errors of the exchange."""

import pytest
from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncEngine

from api.candles.fetching import Span
from broker.memory.broker import MemoryBroker
from runtime.errors import Permanent, Transient
from schemas.values import to_ms
from tests.unit.api.fakes import NOW, ListedCandles, client_of, dependencies

HOUR = 3_600_000
OPEN_NOW = to_ms(NOW) // HOUR * HOUR
PATH = "/api/v1/klines"


async def list_timestamps(client: AsyncClient, **query: object) -> list[int]:
    answer = await client.get(PATH, params={"symbol": "BTCUSDT"} | query)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["count"] == len(body["data"])
    return [candle["timestamp"] for candle in body["data"]]


async def test_klines_ascend_to_the_open_candle(client: AsyncClient) -> None:
    answer = await client.get(PATH, params={"symbol": "btc/usdt", "limit": 3})
    body = answer.json()
    assert {key: body[key] for key in body if key != "data"} == {
        "success": True,
        "count": 3,
        "cached": False,
        "exchange": "binance",
        "symbol": "BTCUSDT",
        "market_type": "spot",
        "interval": "1h",
    }
    assert [candle["timestamp"] for candle in body["data"]] == [
        OPEN_NOW - 2 * HOUR,
        OPEN_NOW - HOUR,
        OPEN_NOW,
    ]
    assert [candle["is_closed"] for candle in body["data"]] == [True, True, False]
    assert body["data"][0] == {
        "timestamp": OPEN_NOW - 2 * HOUR,
        "open": 100.0,
        "high": 101.0,
        "low": 99.0,
        "close": 100.0,
        "volume": 100.0,
        "is_closed": True,
    }


@pytest.mark.parametrize(
    ("limit", "count"),
    [("", 1000), (None, 1000), (0, 1000), (-5, 1000), (1, 1), (1500, 1500), (10**12, 2000)],
)
async def test_klines_limit_is_clamped(client: AsyncClient, limit: object, count: int) -> None:
    assert len(await list_timestamps(client, **({} if limit is None else {"limit": limit}))) == count


async def test_klines_before_ends_below_the_given_time(client: AsyncClient) -> None:
    before = OPEN_NOW - 100 * HOUR
    assert await list_timestamps(client, before=before, limit=2) == [before - 2 * HOUR, before - HOUR]


async def test_klines_since_starts_at_the_given_time(client: AsyncClient) -> None:
    since = OPEN_NOW - 100 * HOUR
    assert await list_timestamps(client, since=since, limit=2) == [since, since + HOUR]
    assert await list_timestamps(client, since=since - 1, limit=1) == [since]


async def test_klines_since_a_recent_time_include_the_open_candle(client: AsyncClient) -> None:
    assert await list_timestamps(client, since=OPEN_NOW - HOUR) == [OPEN_NOW - HOUR, OPEN_NOW]
    assert await list_timestamps(client, since=OPEN_NOW) == [OPEN_NOW]
    assert await list_timestamps(client, since=OPEN_NOW + HOUR) == []


async def test_klines_with_since_and_before_have_both_bounds(client: AsyncClient) -> None:
    since, before = OPEN_NOW - 10 * HOUR, OPEN_NOW - 7 * HOUR
    assert await list_timestamps(client, since=since, before=before) == [
        since,
        since + HOUR,
        since + 2 * HOUR,
    ]
    assert await list_timestamps(client, since=before, before=since) == []


async def test_klines_of_a_past_span_are_fetched_from_its_end(
    engine: AsyncEngine, broker: MemoryBroker
) -> None:
    candles = ListedCandles()
    async with client_of(dependencies(engine, broker=broker, candles=candles)) as client:
        since = OPEN_NOW - 2_000 * HOUR
        await list_timestamps(client, since=since, limit=10)
    assert candles.asked == [("binance:spot:BTCUSDT:1h", 10, since + 10 * HOUR)]


def test_span_cuts_an_empty_list() -> None:
    assert Span(2).cut([]) == []


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({}, "symbol"),
        ({"symbol": ""}, "symbol"),
        ({"symbol": "B C"}, "symbol"),
        ({"symbol": "'; DROP TABLE x"}, "symbol"),
        ({"symbol": "BTC/USDT:USDT"}, "market_type"),
        ({"symbol": "BTCUSDT", "exchange": "__import__"}, "exchange"),
        ({"symbol": "BTCUSDT", "exchange": "kraken"}, "exchange"),
        ({"symbol": "BTCUSDT", "interval": "7h"}, "timeframe"),
        ({"symbol": "BTCUSDT", "market_type": "option"}, "market_type"),
        ({"symbol": "BTCUSDT", "limit": "ten"}, "limit"),
        ({"symbol": "BTCUSDT", "since": "yesterday"}, "since"),
        ({"symbol": "BTCUSDT", "since": -1}, "since"),
        ({"symbol": "BTCUSDT", "before": 10**20}, "before"),
    ],
)
async def test_klines_refuse_an_invalid_parameter_by_name(
    client: AsyncClient, query: dict[str, object], named: str
) -> None:
    answer = await client.get(PATH, params=query)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert named in answer.json()["detail"]


@pytest.mark.parametrize(
    ("error", "status", "retry_after"),
    [
        (Permanent("unknown_symbol", "binance has no BTCUSDT"), 404, None),
        (Permanent("unknown_exchange", "no such exchange"), 422, None),
        (Permanent("bad_timeframe", "no 3d there"), 422, None),
        (Permanent("internal", "refused"), 502, None),
        (Transient("binance is away"), 503, "5"),
        (Transient("binance says wait", retry_after=41.2), 503, "42"),
    ],
)
@pytest.mark.parametrize("path", [PATH + "?symbol=BTCUSDT", "/api/v1/markets"])
async def test_exchange_error_returns_a_problem(
    engine: AsyncEngine,
    broker: MemoryBroker,
    path: str,
    error: Exception,
    status: int,
    retry_after: str | None,
) -> None:
    deps = dependencies(engine, broker=broker, candles=ListedCandles(error=error))
    async with client_of(deps) as client:
        answer = await client.get(path)
    assert (answer.status_code, answer.headers.get("retry-after")) == (status, retry_after)
    assert answer.json()["detail"] == answer.json()["error"] == str(error)
