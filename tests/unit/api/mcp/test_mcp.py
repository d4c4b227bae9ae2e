"""The MCP server over streamable HTTP, called by the SDK's own client."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from sqlalchemy.ext.asyncio import AsyncEngine

from api.app import create_app
from api.mcp.answers import MAX_BYTES, clip, format_levels
from api.server import serve_api
from broker.memory.broker import MemoryBroker
from runtime.clock import SystemClock
from schemas.tables import watch_fires
from tests.unit.api.access.test_access_control import create_key
from tests.unit.api.fakes import NOW, dependencies, put_result
from tests.unit.api.results.test_views import LEVEL

SECONDS = 60.0
PRICES = [64_000.5 + number for number in range(10)]
LEVELS = [
    LEVEL
    | {
        "level_id": f"S17447440000{number:02}",
        "price": price,
        "distance_pct": abs(price - 65_432.1) / 65_432.1 * 100,
        "p_reach_24": 0.281390250928,
        "p_reach_100": 0.578755317206,
        "p_hold": 0.455,
        "placebo": 0.455,
        "n": 3143,
    }
    for number, price in enumerate(PRICES)
]
TOOLS = {
    "levels",
    "levels_near",
    "level_history",
    "evidence",
    "create_watch",
    "list_watches",
    "wait_for_fire",
}


async def put_market(engine: AsyncEngine, **columns: Any) -> None:
    await put_result(
        engine,
        "BTCUSDT",
        **{
            "levels": LEVELS,
            "support_levels": PRICES,
            "resistance_levels": [],
            "candle_at": 1_795_345_200_000,
            "analyzed_at": NOW.replace(tzinfo=None),
        }
        | columns,
    )


class Asking:
    """A client with its tools' answers as texts."""

    def __init__(self, client: Client) -> None:
        self.client = client

    async def call(self, tool: str, **arguments: Any) -> str:
        result = await self.client.call_tool(tool, arguments)
        (content,) = result.content
        assert content.type == "text"
        assert not result.is_error, content.text
        assert len(content.text.encode()) <= MAX_BYTES
        return content.text

    async def fail(self, tool: str, **arguments: Any) -> str:
        result = await self.client.call_tool(tool, arguments)
        assert result.is_error
        (content,) = result.content
        assert content.type == "text"
        return content.text


@asynccontextmanager
async def asking(
    engine: AsyncEngine, broker: MemoryBroker, key: str | None = None, **settings: Any
) -> AsyncIterator[Asking]:
    deps = dependencies(engine, broker=broker, clock=SystemClock(), **settings)
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    async with (
        asyncio.timeout(SECONDS),
        serve_api(create_app(deps), host="127.0.0.1", port=0) as there,
        httpx2.AsyncClient(headers=headers, trust_env=False, timeout=SECONDS) as http,
        Client(streamable_http_client(f"{there.url}/mcp", http_client=http)) as client,
    ):
        yield Asking(client)


async def test_server_has_at_most_eight_tools_that_describe_themselves(
    engine: AsyncEngine, broker: MemoryBroker
) -> None:
    async with asking(engine, broker) as ask:
        tools = (await ask.client.list_tools()).tools
        assert {tool.name for tool in tools} == TOOLS
        assert all(tool.description for tool in tools)
        writing = {tool.name for tool in tools if not (tool.annotations and tool.annotations.read_only_hint)}
        assert writing == {"create_watch"}


async def test_levels_are_short_and_state_what_they_are_worth(
    engine: AsyncEngine, broker: MemoryBroker
) -> None:
    await put_market(engine, exchange="sim")
    await put_market(engine, timeframe="4h")
    async with asking(engine, broker) as ask:
        answer = await ask.call("levels", symbol="BTC/USDT")
        assert "sim:spot:BTCUSDT:1h, simulated: yes" in answer
        assert "known_at: 2026-11-22T12:00:00Z" in answer
        assert all(level["level_id"] in answer for level in LEVELS)
        assert "placebo" in answer
        assert "simulated: no" in await ask.call("levels", symbol="BTCUSDT", timeframe="4h")
        assert "no result" in await ask.fail("levels", symbol="ETHUSDT")


async def test_evidence_is_that_of_the_named_level(engine: AsyncEngine, broker: MemoryBroker) -> None:
    await put_market(engine)
    async with asking(engine, broker) as ask:
        chosen = LEVELS[3]["level_id"]
        answer = await ask.call("evidence", symbol="BTCUSDT", level_id=chosen)
        assert f"level_id: {chosen}" in answer
        assert "p_reach_24: 0.28139" in answer
        assert "no level S1" in await ask.fail("evidence", symbol="BTCUSDT", level_id="S1")
        history = await ask.call("level_history", symbol="BTCUSDT", level_id=chosen)
        assert f"no events of {chosen} are known" in history
        assert "known_at: 2026-11-22T12:00:00Z" in history
        assert "p_reach_100: 0.578755, p_hold: 0.455, placebo: 0.455" in history
        assert "not a level now" in await ask.call("level_history", symbol="BTCUSDT", level_id="S1")


async def test_levels_near_are_those_of_the_call_with_what_they_are_worth(
    engine: AsyncEngine, broker: MemoryBroker
) -> None:
    await put_market(engine)
    near = LEVELS[0] | {"level_id": "R1", "side": "resistance", "price": 65_500.0, "touches": 1}
    near |= {"distance_pct": 67.9 / 65_432.1 * 100, "distance_atr": 0.05}
    await put_market(engine, timeframe="4h", levels=[near], support_levels=[], resistance_levels=[65_500.0])
    async with asking(engine, broker) as ask:
        answer = (await ask.call("levels_near", within_pct=50, limit=3)).splitlines()
        assert answer[0] == "11 levels match, simulated: no"
        assert answer[3].startswith("binance:spot:BTCUSDT:4h,R1,resistance,65500,65432.1,no,0.103")
        assert answer[3].endswith("0.28139,0.578755,0.455,0.455,2026-11-22T15:00:00Z")
        assert len(answer) == 6
        for filters in ({"side": "support"}, {"min_touches": 2}, {"timeframe": "1h"}, {"fresh": False}):
            assert "R1" not in await ask.call("levels_near", **filters)
        assert "R1" in await ask.call("levels_near", within_atr=0.1, quote="USDT", market_type="spot")
        for filters in ({"within_pct": 0.01}, {"quote": "EUR"}, {"exchange": "bybit"}):
            assert "no published level" in await ask.call("levels_near", **filters)
        assert "422: within_pct and within_atr" in await ask.fail("levels_near", within_pct=1, within_atr=1)


async def test_watch_is_created_listed_and_its_fire_awaited(
    engine: AsyncEngine, broker: MemoryBroker
) -> None:
    async with asking(engine, broker) as ask:
        created = await ask.call("create_watch", symbol="BTCUSDT", side="long", target=64_000)
        watch_id = created.split()[1].rstrip(":")
        assert watch_id in await ask.call("list_watches")
        assert "no fire yet" in await ask.call("wait_for_fire", watch_id=watch_id, timeout_s=0)
        waiting = asyncio.create_task(ask.call("wait_for_fire", watch_id=watch_id, timeout_s=50))
        await put_fire(engine, watch_id, "first", arm=1)
        assert "fire_id first" in await waiting
        again = await ask.call("wait_for_fire", watch_id=watch_id, timeout_s=0, after="first")
        assert "no fire yet" in again
        await put_fire(engine, watch_id, "second", arm=2)
        assert "fire_id second" in await ask.call("wait_for_fire", watch_id=watch_id, after="first")


async def put_fire(engine: AsyncEngine, watch_id: str, fire_id: str, *, arm: int) -> None:
    time = NOW.replace(tzinfo=None)
    row = {
        "fire_id": fire_id,
        "watch_id": watch_id,
        "arm": arm,
        "condition": "touch",
        "target": 64_000.0,
        "side": "long",
        "price": 63_990.0,
        "at": time,
        "recorded_at": time,
    }
    async with engine.begin() as connection:
        await connection.execute(watch_fires.insert().values(**row))


@pytest.mark.parametrize(
    ("scopes", "reads", "writes"),
    [
        (("read",), True, False),
        (("watch",), False, True),
        (("read", "watch"), True, True),
        (None, False, False),
    ],
)
async def test_tools_do_what_the_key_may(
    engine: AsyncEngine,
    broker: MemoryBroker,
    scopes: tuple[Any, ...] | None,
    reads: bool,
    writes: bool,
) -> None:
    await create_key(engine, "admin")
    key = await create_key(engine, *scopes) if scopes else None
    watch = {"symbol": "BTCUSDT", "side": "long", "target": 64_000}
    async with asking(engine, broker, key, reads="keys") as ask:
        for tool, arguments, allowed in (("list_watches", {}, reads), ("create_watch", watch, writes)):
            if allowed:
                await ask.call(tool, **arguments)
            else:
                refusal = await ask.fail(tool, **arguments)
                assert ("401" if key is None else "403") in refusal


async def test_tools_are_limited_as_their_caller_is(engine: AsyncEngine, broker: MemoryBroker) -> None:
    async with asking(engine, broker, rate_limit=1) as ask:
        await ask.call("list_watches")
        assert "429" in await ask.fail("list_watches")


def test_clip_states_what_is_left_out() -> None:
    assert clip(["a", "b"]) == "a\nb"
    lines = [f"line {number}" for number in range(1_000)]
    text = clip(lines)
    assert len(text.encode()) <= MAX_BYTES
    kept = text.count("line ") - 0
    assert text.endswith(f"({1_000 - text.count(chr(10))} more lines left out)")
    assert kept > 100


def test_row_without_levels_shows_its_prices() -> None:
    row = {
        "id": 7,
        "exchange": "binance",
        "market_type": "spot",
        "symbol": "BTCUSDT",
        "timeframe": "1h",
        "last_price": 65_432.1,
        "updated_at": "2026-11-22T12:30:00Z",
        "candle_at": None,
        "support_levels": [64_000.5],
        "resistance_levels": [],
    }
    assert "supports: 64000.5" in format_levels(row)
    assert "known_at: 2026-11-22T12:30:00Z" in format_levels(row)
