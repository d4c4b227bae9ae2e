"""The history: a row at a past time, and the list of publications."""

from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.events import CANDLE, HOUR_MS, NOON, make_completed, make_level, make_market
from tests.support.sinks import SinkBench
from tests.unit.api.fakes import put_result

HOUR = timedelta(hours=1)


async def publish(engine: AsyncEngine, **changed: Any) -> int:
    bench = SinkBench(engine)
    bench.clock.time = changed.pop("recorded_at", changed.get("analyzed_at", NOON))
    await bench.take(make_completed(**changed))
    return int((await bench.rows())[0]["id"])


@pytest.fixture
async def row_id(engine: AsyncEngine) -> int:
    """Publish three results an hour apart; the second has later candles than the third."""
    await publish(engine, last_price=1.0, params_hash="p1", candles_hash="c1")
    await publish(engine, last_price=2.0, candle_at=CANDLE + 2 * HOUR_MS, analyzed_at=NOON + HOUR)
    return await publish(engine, last_price=3.0, candle_at=CANDLE + HOUR_MS, analyzed_at=NOON + 2 * HOUR)


async def get_price(client: AsyncClient, row_id: int, at: str) -> float | int:
    answer = await client.get(f"/api/v1/analysis/{row_id}", params={"at": at})
    return answer.json()["data"]["last_price"] if answer.status_code == 200 else answer.status_code


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        ("2025-11-22T11:59:59.999999Z", 404),
        ("2025-11-22T12:00:00Z", 1.0),
        ("2025-11-22T20:59:59+08:00", 1.0),
        ("2025-11-22T13:00:00Z", 2.0),
        ("2025-11-22T14:00:00Z", 2.0),
        ("9999-12-31T23:59:59Z", 2.0),
        ("", 2.0),
        ("0001-01-01T00:00:00Z", 404),
        ("0001-01-01T00:00:00+08:00", 422),
        ("2025-11-22T12:00:00", 422),
        ("yesterday", 422),
        ("2025-13-22T12:00:00Z", 422),
        ("' OR 1=1", 422),
    ],
)
async def test_history_returns_the_row_at_a_time(
    client: AsyncClient, row_id: int, at: str, shown: float | int
) -> None:
    assert await get_price(client, row_id, at) == shown


async def test_history_row_has_the_shape_of_a_present_one(client: AsyncClient, row_id: int) -> None:
    now = (await client.get(f"/api/v1/analysis/{row_id}")).json()["data"]
    then = (await client.get(f"/api/v1/analysis/{row_id}?at=2025-11-22T13:30:00Z")).json()["data"]
    assert then == now
    first = (await client.get(f"/api/v1/analysis/{row_id}?at=2025-11-22T12:30:00Z")).json()["data"]
    assert set(first) == set(now)
    assert (first["id"], first["created_at"], first["updated_at"]) == (
        now["id"],
        now["created_at"],
        "2025-11-22T12:00:00Z",
    )
    assert first["levels"][0]["price"] == make_level().price


async def test_history_lists_publications_newest_first_with_their_hashes(
    client: AsyncClient, row_id: int
) -> None:
    body = (await client.get(f"/api/v1/analysis/{row_id}/history")).json()
    assert [one["last_price"] for one in body.pop("data")] == [3.0, 2.0, 1.0]
    assert body == {"total": 3, "page": 1, "pageSize": 10, "totalPages": 1}
    body = (await client.get(f"/api/v1/analysis/{row_id}/history?page=2&pageSize=2")).json()
    (oldest,) = body.pop("data")
    assert body == {"total": 3, "page": 2, "pageSize": 2, "totalPages": 2}
    assert oldest.pop("levels")[0]["level_id"] == make_level().level_id
    assert oldest == {
        "candle_at": "2025-11-22T03:00:00Z",
        "analyzed_at": "2025-11-22T12:00:00Z",
        "recorded_at": "2025-11-22T12:00:00Z",
        "input_limit": 1999,
        "last_price": 1.0,
        "support_levels": [64000.5],
        "resistance_levels": [66010.0],
        "request_id": "my-7",
        "algorithm": "strandline/1",
        "params_hash": "p1",
        "candles_hash": "c1",
    }


async def test_history_page_past_the_end_is_empty(client: AsyncClient, row_id: int) -> None:
    body = (await client.get(f"/api/v1/analysis/{row_id}/history", params={"page": 10**30})).json()
    assert (body["data"], body["total"]) == ([], 3)


@pytest.mark.parametrize(
    ("path", "status"), [("99/history", 404), ("x/history", 422), ("99?at=2025-11-22T12:00:00Z", 404)]
)
async def test_history_of_an_unknown_result_is_a_404(client: AsyncClient, path: str, status: int) -> None:
    answer = await client.get(f"/api/v1/analysis/{path}")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


@pytest.mark.parametrize("written", [{}, {"exchange": "Kraken!", "timeframe": "7h"}])
async def test_history_of_a_row_of_another_backend_is_empty(
    client: AsyncClient, engine: AsyncEngine, written: dict[str, str]
) -> None:
    row_id = await put_result(engine, "BTCUSDT", **written)
    assert (await client.get(f"/api/v1/analysis/{row_id}/history")).json()["total"] == 0
    assert await get_price(client, row_id, "2025-11-22T12:00:00Z") == 404


async def test_history_is_kept_by_market(client: AsyncClient, engine: AsyncEngine, row_id: int) -> None:
    for timeframe in ("1m", "1M"):
        await publish(engine, market=make_market(timeframe=timeframe))
    for other in {row["id"] for row in await SinkBench(engine).rows()} - {row_id}:
        assert (await client.get(f"/api/v1/analysis/{other}/history")).json()["total"] == 1
