"""Levels near the price, over HTTP: from the table at first, then from the topic."""

import json
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncEngine

from api.http.dependencies import Dependencies
from api.levels.question import NearQuestion
from api.levels.stream_routes import stream_near_levels
from api.live.events import EventFilter
from api.live.listener import StreamListener
from broker.memory.broker import MemoryBroker
from runtime.clock import SystemClock
from schemas.events import PriceTicked
from tests.support.events import NOON, make_completed, make_level, make_market
from tests.support.sinks import SinkBench
from tests.unit.api.fakes import dependencies

PATH = "/api/v1/levels/near"
BTC = make_level(99.0, level_id="S1", last_price=100.0, distance_atr=0.5, touches=1, p_reach_100=0.9)
ETH = make_level(103.0, level_id="R1", last_price=100.0, side="resistance", distance_atr=4.0, p_reach_100=0.2)


@pytest.fixture(autouse=True)
async def stored(engine: AsyncEngine) -> None:
    await SinkBench(engine).take(
        make_completed(make_market("BTCUSDT"), last_price=100.0, levels=(BTC,), support_levels=(99.0,)),
        make_completed(
            make_market("ETHEUR", "4h"),
            last_price=100.0,
            levels=(ETH,),
            request_ids=["eth"],
            support_levels=(),
            resistance_levels=(103.0,),
        ),
    )


async def ask(client: AsyncClient, **params: Any) -> list[str]:
    answer = await client.get(PATH, params=params)
    assert answer.status_code == 200, answer.text
    return [level["level_id"] for level in answer.json()["data"]]


async def test_nearest_levels_come_first(client: AsyncClient) -> None:
    answer = (await client.get(PATH)).json()
    assert answer["total"] == 2
    first = answer["data"][0]
    assert (first["market"]["symbol"], first["level_id"], first["side"]) == ("BTCUSDT", "S1", "support")
    assert first["distance_pct"] == 1.0
    assert first["distance_atr"] == pytest.approx(0.5)
    assert (first["last_price"], first["is_live"]) == (100.0, False)
    assert await ask(client, limit=1) == ["S1"]


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({"within_pct": 2}, ["S1"]),
        ({"within_atr": 0.4}, []),
        ({"within_atr": 4.1}, ["S1", "R1"]),
        ({"side": "resistance"}, ["R1"]),
        ({"fresh": "true"}, ["S1"]),
        ({"fresh": "false"}, ["R1"]),
        ({"min_touches": 2}, ["R1"]),
        ({"min_reach": 0.5}, ["S1"]),
        ({"timeframe": "4h"}, ["R1"]),
        ({"quote": "usdt"}, ["S1"]),
        ({"exchange": "Binance", "market_type": "SPOT", "side": "", "fresh": ""}, ["S1", "R1"]),
        ({"market_type": "future"}, []),
    ],
)
async def test_question_filters_levels(client: AsyncClient, params: dict[str, Any], found: list[str]) -> None:
    assert await ask(client, **params) == found


@pytest.mark.parametrize(
    "params",
    [
        {"within_pct": 1, "within_atr": 1},
        {"within_pct": "nan"},
        {"within_atr": -1},
        {"side": "up"},
        {"min_reach": 2},
    ],
)
async def test_question_that_makes_no_sense_is_refused(client: AsyncClient, params: dict[str, Any]) -> None:
    assert (await client.get(PATH, params=params)).status_code == 422


async def test_stream_begins_with_all_levels_and_has_what_leaves(engine: AsyncEngine) -> None:
    deps = Dependencies.build(dependencies(engine, broker=MemoryBroker(), clock=SystemClock()))
    listener = StreamListener(EventFilter(), 1)
    stream = stream_near_levels(deps, NearQuestion(within_pct=2), listener)
    first = await anext(stream)
    assert first.raw_data is not None
    assert [level["level_id"] for level in json.loads(first.raw_data)["entered"]] == ["S1"]
    deps.live.prices.update(
        PriceTicked(exchange="binance", market_type="spot", symbol="BTCUSDT", price=150.0, at=NOON)
    )
    second = await anext(stream)
    assert second.raw_data is not None
    assert [level["level_id"] for level in json.loads(second.raw_data)["left"]] == ["S1"]
    listener.close()
    assert [event async for event in stream] == []
