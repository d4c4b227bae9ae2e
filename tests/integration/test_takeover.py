"""An analyzer that takes markets over from another one of its group analyses their closes without a call."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime

import pytest

from broker.kafka.connect import connect_kafka
from broker.ports import Broker, Edge, Message, Record
from consumers.analyzer.__main__ import run as run_analyzer
from exchanges.ports import Candle, Tradable
from producers.feed.publisher import to_event
from producers.feed.rollup import ClosedCandle
from producers.role_process import RoleProcess
from runtime.clock import SystemClock
from runtime.settings import Settings
from schemas.topics import RESULTS, TOPICS, encode_candle
from schemas.values import to_ms
from tests.support.markets import HOUR, ScriptedSource, series
from tests.support.pipeline import SECONDS, run_role

MARKETS = [Tradable("binance", "spot", f"{base}USDT") for base in ("BTC", "ETH", "SOL", "XRP", "ADA", "BNB")]
KNOWN = series()


@pytest.fixture
def takeover_settings(kafka_for_roles: str, redis_url: str, unique: Callable[[str], str]) -> Settings:
    return Settings.load(
        kafka_bootstrap=kafka_for_roles,
        redis_url=redis_url,
        exchanges=("binance",),
        topic_prefix=f"{unique('takeover')}.",
        session_timeout=6,
        drain_timeout=5,
        analyzer_processes=0,
        publish_every_closes=1,
    )


@asynccontextmanager
async def analyzer(settings: Settings, source: ScriptedSource) -> AsyncIterator[None]:
    """Run one on connections of its own."""
    broker = connect_kafka(settings)
    try:
        async with run_role(lambda stop: run_analyzer(RoleProcess(settings, broker, stop), source)):
            yield
    finally:
        await broker.close()


async def publish_closes(broker: Broker, number: int) -> int:
    """Publish the candle `number` after the last known one of each market; return its time."""
    time, price = int(KNOWN.closed.time[-1]) + number * HOUR, float(KNOWN.closed.close[-1])
    candle = Candle(time, price, price + 0.5, price - 0.5, price, 10.0)
    for market in MARKETS:
        event = to_event(market, ClosedCandle("1h", candle, "stream"))
        await broker.publish(Message(*encode_candle(event, source="/test", at=SystemClock().now())))
    return time


async def wait_for_results(results: AsyncIterator[Record], time: int) -> None:
    """Return once every market has a result at the candle of this time."""
    waiting = {f"{market.key}:1h" for market in MARKETS}
    async with asyncio.timeout(SECONDS):
        async for record in results:
            event = json.loads(record.value or b"")
            if to_ms(datetime.fromisoformat(event["candle_at"])) == time:
                waiting.discard((record.key or b"").decode())
            if not waiting:
                return


async def test_analyzer_that_takes_over_needs_no_call(takeover_settings: Settings) -> None:
    first, second = ScriptedSource(KNOWN), ScriptedSource(KNOWN)
    async with AsyncExitStack() as stack:
        broker = connect_kafka(takeover_settings)
        stack.push_async_callback(broker.close)
        await broker.create_topics(TOPICS, partitions=4, replication=1)
        reading = await stack.enter_async_context(broker.read([RESULTS.name], Edge.END))
        results = aiter(reading)
        async with AsyncExitStack() as leaving:
            await leaving.enter_async_context(analyzer(takeover_settings, first))
            await wait_for_results(results, await publish_closes(broker, 0))
            assert len(first.calls) == len(MARKETS)
            await stack.enter_async_context(analyzer(takeover_settings, second))
        for number in (1, 2):
            await wait_for_results(results, await publish_closes(broker, number))
        assert second.calls == []
