"""A front end for the older contract, written for another backend, on this API.

It reads `response.data.data` (its HTTP client puts the body into `data`), draws a table, calls
`last_price.toFixed(4)`, and asks klines with `symbol`, `interval` and `limit=1000` and nothing else.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncEngine

from broker.memory.broker import MemoryBroker
from exchanges.ccxt.source import CcxtCandleSource
from tests.support.simulated import simulated
from tests.unit.api.fakes import client_of, dependencies, put_result


@dataclass
class Response:
    """A response as the HTTP client of the front end returns it."""

    status: int
    data: Any


def to_fixed(value: Any, digits: int) -> str:
    """Do what JavaScript's `value.toFixed(digits)` does: a string or null is a TypeError."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{value!r}.toFixed is not a function")
    return f"{value:.{digits}f}"


class OlderFrontEnd:
    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def _get(self, path: str, **params: object) -> Response:
        answer = await self._client.get(path, params={name: str(value) for name, value in params.items()})
        return Response(answer.status_code, answer.json())

    async def table(self, page: int = 1, symbol: str = "") -> tuple[list[list[str]], int]:
        """Return the rows as text, and the number of pages."""
        response = await self._get(
            "/api/v1/analysis/results", page=page, pageSize=10, symbol=symbol, exchange="", timeframe=""
        )
        rows = [
            [
                row["exchange"],
                row["symbol"],
                row["timeframe"],
                to_fixed(row["last_price"], 4),
                ", ".join(to_fixed(level, 4) for level in row["support_levels"]),
                ", ".join(to_fixed(level, 4) for level in row["resistance_levels"]),
                row["updated_at"],
            ]
            for row in response.data["data"]
        ]
        return rows, response.data["totalPages"]

    async def detail(self, result_id: int) -> dict[str, Any]:
        found: dict[str, Any] = (await self._get(f"/api/v1/analysis/{result_id}")).data["data"]
        return found

    async def chart(self, symbol: str, interval: str) -> list[tuple[float, ...]]:
        """Return candles as the chart needs them: seconds, and numbers that are not text."""
        response = await self._get("/api/v1/klines", symbol=symbol, interval=interval, limit=1000)
        assert response.data["success"] is True
        return [
            (
                candle["timestamp"] / 1000,
                *(float(to_fixed(candle[name], 8)) for name in ("open", "high", "low", "close", "volume")),
            )
            for candle in response.data["data"]
        ]

    async def analyse(self, symbol: str, timeframe: str) -> Response:
        body = {"symbol": symbol, "timeframe": timeframe, "limit": 100}
        answer = await self._client.post("/analyze", json=body)
        return Response(answer.status_code, answer.json())


@pytest.fixture
async def front_end(engine: AsyncEngine, broker: MemoryBroker) -> AsyncIterator[OlderFrontEnd]:
    async with simulated() as exchange, CcxtCandleSource(exchange.settings()) as candles:
        settings = exchange.settings().model_dump(include={"exchanges", "exchange", "exchange_urls"})
        deps = dependencies(engine, broker=broker, candles=candles, **settings)
        async with client_of(deps) as client:
            yield OlderFrontEnd(client)


async def test_older_front_end_reads_rows_of_any_backend(
    front_end: OlderFrontEnd, engine: AsyncEngine
) -> None:
    await put_result(engine, "BTCUSDT", exchange="sim", last_price=65_432)
    await put_result(engine, "PEPEUSDT", exchange="sim", last_price=1.04e-05, support_levels=[])
    rows, pages = await front_end.table()
    assert pages == 1
    assert sorted((row[1], row[3], row[4]) for row in rows) == [
        ("BTCUSDT", "65432.0000", "64000.5000, 63000.0000"),
        ("PEPEUSDT", "0.0000", ""),
    ]
    assert [row[1] for row in (await front_end.table(symbol="btc"))[0]] == ["BTCUSDT"]


async def test_older_front_end_reads_an_empty_table(front_end: OlderFrontEnd) -> None:
    assert (await front_end.table())[0] == []


async def test_older_front_end_reads_ascending_candles(front_end: OlderFrontEnd, engine: AsyncEngine) -> None:
    result_id = await put_result(engine, "BTCUSDT", exchange="sim")
    symbol = (await front_end.detail(result_id))["symbol"]
    for interval in ("15m", "1h", "1d"):
        candles = await front_end.chart(symbol, interval)
        times = [candle[0] for candle in candles]
        assert len(candles) == 1000
        assert times == sorted(set(times))
        assert all(low <= min(o, c) <= max(o, c) <= high for _, o, high, low, c, _ in candles)
        assert await front_end.chart(symbol, interval)


async def test_older_front_end_triggers_an_analysis(front_end: OlderFrontEnd) -> None:
    response = await front_end.analyse("BTCUSDT", "1h")
    assert response.status == 200
    assert response.data["status"] == "accepted"
    assert response.data["message"] == "分析任务已提交: BTCUSDT"
