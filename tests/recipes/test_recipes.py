"""The programs of examples/ on a real Kafka, and as receivers of real webhooks."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from os import environ

import httpx
import pytest

from broker.ports import Message
from consumers.notifier.webhook import build_body, build_headers, read_key
from schemas.market import Market
from schemas.topics import RESULTS, encode_completed
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
        if not {"node_modules", "target", "dist"} & set(path.parts)
    }
    assert len(lengths) == 12
    assert {name for name, length in lengths.items() if length >= MAX_LINES} == set()
