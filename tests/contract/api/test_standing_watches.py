"""Standing watches over HTTP: saved, listed, paused, deleted; what is near already does not fire."""

from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.tables import standing_members
from tests.support.events import make_completed, make_level, make_market
from tests.support.sinks import SinkBench

PATH = "/api/v1/standing-watches"
BODY = {"name": "supports", "question": {"within_pct": 2, "side": "support"}}


@pytest.fixture(autouse=True)
async def stored(engine: AsyncEngine) -> None:
    level = make_level(99.0, level_id="S1", last_price=100.0)
    await SinkBench(engine).take(
        make_completed(make_market("BTCUSDT"), last_price=100.0, levels=(level,), support_levels=(99.0,))
    )


async def create(client: AsyncClient, **more: Any) -> dict[str, Any]:
    answer = await client.post(PATH, json=BODY | more)
    assert answer.status_code == 201, answer.text
    created: dict[str, Any] = answer.json()["data"]
    return created


async def test_levels_that_are_near_already_are_inside(client: AsyncClient, engine: AsyncEngine) -> None:
    watch = await create(client)
    assert (watch["name"], watch["state"], watch["inside"]) == ("supports", "active", 1)
    assert watch["question"]["within_pct"] == 2
    async with engine.connect() as connection:
        (row,) = (await connection.execute(select(standing_members))).all()
    assert (row.watch_id, row.level_id, row.entry) == (watch["id"], "S1", None)


async def test_watch_of_other_markets_has_nothing_inside(client: AsyncClient) -> None:
    question = {"within_atr": 0.5, "markets": ["binance:spot:ETHUSDT"]}
    assert (await create(client, question=question))["inside"] == 0


async def test_question_is_stored_in_the_form_of_the_markets(client: AsyncClient) -> None:
    question = {"within_pct": 2, "exchange": "Binance", "quote": "usdt", "markets": ["Binance:spot:btc/usdt"]}
    watch = await create(client, question=question)
    assert (watch["question"]["exchange"], watch["question"]["quote"]) == ("binance", "USDT")
    assert watch["question"]["markets"] == ["binance:spot:BTCUSDT"]
    assert watch["inside"] == 1


async def test_watch_is_changed_and_deleted(client: AsyncClient) -> None:
    watch = await create(client)
    path = f"{PATH}/{watch['id']}"
    answer = await client.patch(path, json={"state": "paused", "name": "mine"})
    assert (answer.json()["data"]["state"], answer.json()["data"]["name"]) == ("paused", "mine")
    assert (await client.patch(path, json={"state": "active"})).json()["data"]["inside"] == 1
    assert [one["id"] for one in (await client.get(PATH)).json()["data"]] == [watch["id"]]
    assert (await client.delete(path)).status_code == 204
    assert (await client.get(PATH)).json()["data"] == []
    assert (await client.delete(path)).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"question": {}},
        {"question": {"within_pct": 1, "within_atr": 1}},
        {"question": {"within_pct": 0}},
        {"question": {"within_pct": 1, "timeframe": "7h"}},
        {"question": {"within_pct": 1, "markets": ["BTCUSDT"]}},
        {"name": " "},
        {"other": 1},
    ],
)
async def test_invalid_watch_is_refused(client: AsyncClient, body: dict[str, Any]) -> None:
    assert (await client.post(PATH, json=BODY | body)).status_code == 422
