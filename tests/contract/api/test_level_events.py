"""The events of one level, over HTTP."""

import json

from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.contract.consumers.test_sink_levels import HISTORY
from tests.support.sinks import SinkBench

PATH = "/api/v1/levels/binance:spot:BTCUSDT:1h/S1/events"


async def test_events_of_a_level_are_listed_newest_first(client: AsyncClient, engine: AsyncEngine) -> None:
    await SinkBench(engine).take(*HISTORY)
    answer = await client.get(PATH)
    assert answer.status_code == 200, answer.text
    data = answer.json()["data"]
    assert sorted(data, key=lambda event: event["event_id"]) == sorted(
        (json.loads(event.model_dump_json()) for event in HISTORY), key=lambda event: event["event_id"]
    )
    assert [event["candle_at"] for event in data] == sorted((e["candle_at"] for e in data), reverse=True)
    assert len((await client.get(PATH, params={"limit": 2})).json()["data"]) == 2


async def test_unknown_level_has_no_events(client: AsyncClient) -> None:
    assert (await client.get(PATH)).json() == {"data": []}


async def test_invalid_market_of_a_level_is_refused(client: AsyncClient) -> None:
    answer = await client.get("/api/v1/levels/binance:spot/S1/events")
    assert (answer.status_code, "market key" in answer.text) == (422, True)
