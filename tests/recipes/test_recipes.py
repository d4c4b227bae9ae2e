"""The programs of examples/ on a real Kafka, and as receivers of real webhooks."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from os import environ
from typing import Any

import httpx
import pytest

from broker.ports import Message
from consumers.notifier.webhook import build_body, build_headers, read_key
from schemas.level_events import AnyLevelEvent, LevelAppeared, LevelBounced, LevelRetired, LevelTouched
from schemas.market import Market
from schemas.topics import LEVELS, RESULTS, encode_completed, encode_level_event
from tests.recipes.languages import EXAMPLES, Recipes
from tests.support.containers import find_free_port
from tests.support.events import CANDLE, HOUR_MS, make_completed, make_fired
from tests.support.pipeline import Pipeline

SECONDS = 60.0
MAX_LINES = 60
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)

pytestmark = pytest.mark.timeout(240)
asynchronous = pytest.mark.asyncio(loop_scope="module")


@asynccontextmanager
async def run(
    command: list[str], env: Mapping[str, str] | None = None
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a recipe; it is killed at the end."""
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, env=environ | dict(env or {})
    )
    try:
        async with asyncio.timeout(SECONDS):
            yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def read_line(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    line = await process.stdout.readline()
    assert line, "the recipe ended"
    return line.decode().strip()


async def publish(pipeline: Pipeline, market: Market, candle: int, at: timedelta, price: float) -> None:
    event = make_completed(
        market, candle_at=CANDLE + candle * HOUR_MS, analyzed_at=NOON + at, last_price=price
    )
    record = encode_completed(event, source="/strandline/analyzer")
    await pipeline.broker.publish(Message(RESULTS.name, record.key, record.value, record.headers))


def milliseconds(count: float) -> timedelta:
    return timedelta(milliseconds=count)


@asynchronous
async def test_follow_results_keeps_the_newest(
    recipes: Recipes, pipeline: Pipeline, unique: Callable[[str], str]
) -> None:
    market = Market.of("binance", f"{unique('F').replace('-', '').upper()}USDT", "spot", "1h")
    await publish(pipeline, market, 1, milliseconds(0), 101.0)
    await publish(pipeline, market, 1, milliseconds(0.5), 102.0)
    await publish(pipeline, market, 1, milliseconds(0.4), 0.1)
    await publish(pipeline, market, 0, milliseconds(9), 0.2)
    newest = encode_completed(make_completed(market, candle_at=CANDLE + 9 * HOUR_MS), source="/s")
    unknown = tuple((name, b"later.v2" if name == "ce_type" else value) for name, value in newest.headers)
    await pipeline.broker.publish(Message(RESULTS.name, newest.key, newest.value, unknown))
    await pipeline.broker.publish(Message(RESULTS.name, newest.key, None))
    await publish(pipeline, market, 1, milliseconds(0.501), 103.5)

    async with run([*recipes("follow_results"), str(pipeline.settings.kafka_bootstrap)]) as process:
        lines: list[str] = []
        while len(lines) < 3:
            if (line := await read_line(process)).startswith(market.key):
                lines.append(line)
        await publish(pipeline, market, 2, milliseconds(-9), 67_226.66)
        while not (line := await read_line(process)).startswith(market.key):
            pass
    assert [float(line.split()[2]) for line in [*lines, line]] == [101.0, 102.0, 103.5, 67_226.66]


def make_level_events(market: Market) -> list[AnyLevelEvent]:
    """Return events of three levels: one that appeared too early, one that retires and one that stays."""

    def fields(event_id: str, level_id: str, price: float) -> dict[str, Any]:
        shared = {"market": market, "side": "support", "origin_side": "support", "last_price": 110.0}
        times = {"at": NOON, "candle_at": NOON}
        edges = {"price": price, "low": price - 1, "high": price + 1}
        return {"event_id": f"{market.symbol}-{event_id}", "level_id": level_id, **shared, **times, **edges}

    counts = {"touches": 1, "bounces": 0, "breaks": 0, "score": 0.5}
    times = {"first_touch_at": NOON, "last_touch_at": NOON}
    visit = {"touches": 2, "last_touch_at": NOON}
    return [
        LevelBounced(**fields("a", "S0", 90.0), bounces=2),
        LevelAppeared(**fields("b", "S1", 100.5), **counts, **times),
        LevelAppeared(**fields("c", "S2", 95.25), **counts, **times),
        LevelTouched(**fields("d", "S1", 100.5), **visit, stage="live"),
        LevelTouched(**fields("e", "S1", 100.5), **visit, stage="withdrawn"),
        LevelTouched(**fields("f", "S2", 95.25), **visit),
        LevelRetired(**fields("g", "S1", 100.5), reason="aged"),
        LevelAppeared(**fields("b", "S1", 100.5), **counts, **times),
    ]


async def publish_level_event(pipeline: Pipeline, event: AnyLevelEvent) -> None:
    record = encode_level_event(event, source="/strandline/tracker")
    await pipeline.broker.publish(Message(LEVELS.name, record.key, record.value, record.headers))


async def read_change(process: asyncio.subprocess.Process, market: Market) -> list[str]:
    """Return type, level and prices of the next event of the market, however the language prints a list."""
    while not (line := await read_line(process)).startswith(market.key):
        pass
    return re.sub(r"[\[\],]", " ", line).split()[1:]


@asynchronous
async def test_follow_levels_keeps_the_open_ones(
    recipes: Recipes, pipeline: Pipeline, unique: Callable[[str], str]
) -> None:
    market = Market.of("binance", f"{unique('L').replace('-', '').upper()}USDT", "spot", "1h")
    events = make_level_events(market)
    for event in events:
        await publish_level_event(pipeline, event)
    unknown = (("ce_type", b"strandline.LevelRetired.v9"),)
    await pipeline.broker.publish(Message(LEVELS.name, market.key.encode(), b"\xff{", unknown))

    async with run([*recipes("follow_levels"), str(pipeline.settings.kafka_bootstrap)]) as process:
        lines = [await read_change(process, market) for _ in range(5)]
        last = events[1].model_copy(
            update={"event_id": f"{market.symbol}-h", "level_id": "S3", "price": 99.125}
        )
        await publish_level_event(pipeline, last)
        lines.append(await read_change(process, market))
    assert [(kind, level, [float(price) for price in prices]) for kind, level, *prices in lines] == [
        ("bounced", "S0", []),
        ("appeared", "S1", [100.5]),
        ("appeared", "S2", [95.25, 100.5]),
        ("touched", "S2", [95.25, 100.5]),
        ("retired", "S1", [95.25]),
        ("appeared", "S3", [95.25, 99.125]),
    ]


@asynchronous
async def test_ask_and_wait_prints_the_answer(recipes: Recipes, pipeline: Pipeline) -> None:
    bootstrap = str(pipeline.settings.kafka_bootstrap)
    async with run([*recipes("ask_and_wait"), bootstrap, "BTCUSDT", "4h"]) as process:
        reason, levels = (await read_line(process)).split(maxsplit=1)
        assert await process.wait() == 0
    assert (reason, "." in levels) == ("completed", True)
    async with run([*recipes("ask_and_wait"), bootstrap, "NOSUCHUSDT", "4h"]) as process:
        assert (await read_line(process)).startswith("unknown_symbol")


async def post(client: httpx.AsyncClient, body: bytes, headers: Mapping[str, str]) -> int:
    async with asyncio.timeout(SECONDS):
        while True:
            try:
                return (await client.post("/", content=body, headers=dict(headers))).status_code
            except httpx.ConnectError:
                await asyncio.sleep(0.05)  # it has no output before the first webhook


@asynchronous
async def test_webhook_receiver_verifies_and_acts_once(recipes: Recipes) -> None:
    port = find_free_port()
    event, now = make_fired(price=67_226.66), datetime.now(UTC)
    body = build_body(event, None)
    signed = build_headers(read_key(SECRET), event, body, now)
    old = build_headers(read_key(SECRET), event, body, now - timedelta(hours=1))
    env = {"STRANDLINE_WEBHOOK_SECRET": SECRET}
    async with (
        run([*recipes("verify_webhook"), str(port)], env) as process,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client,
    ):
        tampered = json.dumps(json.loads(body) | {"side": "short"}).encode()
        assert await post(client, tampered, signed) == 401
        assert await post(client, body, old) == 401
        assert [await post(client, body, signed), await post(client, body, signed)] == [204, 204]
        another = make_fired("another", symbol="ETHUSDT")
        body = build_body(another, None)
        assert await post(client, body, build_headers(read_key(SECRET), another, body, now)) == 204
        assert (await read_line(process)).split() == ["fired", "BTCUSDT", "long", "67226.66"]
        assert (await read_line(process)).split()[1] == "ETHUSDT"


def test_recipes_are_short() -> None:
    sources = [path for kind in ("py", "ts", "go", "java") for path in EXAMPLES.rglob(f"*.{kind}")]
    lengths = {
        str(path.relative_to(EXAMPLES)): len(path.read_text().splitlines())
        for path in sources
        if not {"node_modules", "target", "dist", "freqtrade"} & set(path.parts)
    }
    assert len(lengths) == 16
    assert {name for name, length in lengths.items() if length >= MAX_LINES} == set()
