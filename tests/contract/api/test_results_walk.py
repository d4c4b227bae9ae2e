"""`GET /api/v1/analysis/results?include=levels&after=`: a walk through the levels of every market."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.tables import analysis_results
from tests.unit.api.fakes import NOW, put_result
from tests.unit.api.results.test_views import LEVEL

RESULTS = "/api/v1/analysis/results"
OURS = {
    "levels": json.loads(json.dumps([LEVEL])),
    "support_levels": [LEVEL["price"]],
    "resistance_levels": [],
    "candle_at": 1_795_345_200_000,
    "analyzed_at": NOW.replace(tzinfo=None),
}


async def put_ours(engine: AsyncEngine, count: int) -> list[int]:
    return [await put_result(engine, f"COIN{number}USDT", **OURS) for number in range(count)]


async def walk(client: AsyncClient, **query: Any) -> AsyncIterator[list[dict[str, Any]]]:
    after: str | None = "0"
    while after is not None:
        answer = await client.get(RESULTS, params={"after": after, **query})
        assert answer.status_code == 200, answer.text
        body = answer.json()
        yield body["data"]
        after = body["next"]


async def renew(engine: AsyncEngine, result_id: int, minutes: int) -> None:
    later = NOW.replace(tzinfo=None) + timedelta(minutes=minutes)
    async with engine.begin() as connection:
        await connection.execute(
            update(analysis_results).where(analysis_results.c.id == result_id).values(updated_at=later)
        )


async def test_walk_returns_each_result_once_while_rows_are_renewed(
    client: AsyncClient, engine: AsyncEngine
) -> None:
    ids = await put_ours(engine, 7)
    seen = []
    async for rows in walk(client, include="levels", pageSize=2):
        seen += [row["id"] for row in rows]
        # The order by time, which pages by number have, is turned round at each step.
        for minutes, result_id in enumerate(reversed(ids) if len(seen) % 4 else ids):
            await renew(engine, result_id, 10 * len(seen) + minutes)
    assert seen == ids


async def test_walk_shows_levels_of_the_detail(client: AsyncClient, engine: AsyncEngine) -> None:
    (result_id,) = await put_ours(engine, 1)
    body = (await client.get(RESULTS, params={"include": "levels"})).json()
    detail = (await client.get(f"/api/v1/analysis/{result_id}")).json()["data"]
    assert body["data"][0]["levels"] == detail["levels"]
    assert [level["level_id"] for level in detail["levels"]] == [LEVEL["level_id"]]
    assert {name: body[name] for name in ("total", "page", "totalPages", "next")} == {
        "total": 1,
        "page": 1,
        "totalPages": 1,
        "next": None,
    }


async def test_walk_has_no_levels_unless_they_are_included(client: AsyncClient, engine: AsyncEngine) -> None:
    await put_ours(engine, 1)
    for query in ({"after": "0"}, {}, {"page": "1"}):
        (row,) = (await client.get(RESULTS, params=query)).json()["data"]
        assert "levels" not in row
        assert row["nearest"]["support"]["level_id"] == LEVEL["level_id"]


async def test_walk_applies_filters_and_counts_what_matches(client: AsyncClient, engine: AsyncEngine) -> None:
    await put_ours(engine, 4)
    other = await put_result(engine, "COIN9USDT", exchange="bybit", **OURS)
    body = (await client.get(RESULTS, params={"include": "levels", "exchange": "bybit"})).json()
    assert ([row["id"] for row in body["data"]], body["total"], body["next"]) == ([other], 1, None)


async def test_walk_goes_on_behind_a_row_that_cannot_be_shown(
    client: AsyncClient, engine: AsyncEngine
) -> None:
    first, second, third = await put_ours(engine, 3)
    async with engine.begin() as connection:
        await connection.execute(
            update(analysis_results).where(analysis_results.c.id == second).values(levels="[{}]")
        )
    pages = [[row["id"] for row in rows] async for rows in walk(client, include="levels", pageSize=1)]
    assert pages == [[first], [second], [third]]


async def test_numbered_pages_include_levels_too(client: AsyncClient, engine: AsyncEngine) -> None:
    await put_ours(engine, 3)
    answer = await client.get(RESULTS, params={"include": "levels", "page": 2, "pageSize": 2})
    body = answer.json()
    assert (len(body["data"]), body["page"], body["next"]) == (1, 2, None)
    assert body["data"][0]["levels"]


async def test_walk_returns_at_most_500_results(client: AsyncClient, engine: AsyncEngine) -> None:
    body = (await client.get(RESULTS, params={"include": "levels", "pageSize": 501})).json()
    assert body["pageSize"] == 500


@pytest.mark.parametrize(
    "query",
    [
        {"after": "x"},
        {"after": "-1"},
        {"after": "9" * 30},
        {"include": "candles"},
        {"after": "1", "page": "1"},
    ],
)
async def test_walk_refuses_what_it_does_not_know(client: AsyncClient, query: dict[str, str]) -> None:
    answer = await client.get(RESULTS, params=query)
    assert answer.status_code == 422
    assert next(iter(query)) in answer.json()["detail"]


async def test_row_of_another_backend_has_no_levels_in_any_list(
    client: AsyncClient, engine: AsyncEngine
) -> None:
    await put_result(engine, "BTCUSDT", **OURS | {"last_price": 70_000.0})
    (row,) = (await client.get(RESULTS, params={"include": "levels"})).json()["data"]
    assert "levels" not in row
    assert row["candle_at"] is None
    (row,) = (await client.get("/results")).json()
    assert (row["last_price"], row["candle_at"], row["analyzed_at"]) == (70_000.0, None, None)
