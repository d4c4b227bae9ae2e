"""A price is pushed, a watch fires and its webhook is called: real components, in both configurations."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import SecretStr

from broker.ports import Edge, Reader
from consumers.notifier.__main__ import run as run_notifier
from consumers.watcher.__main__ import run as run_watcher
from producers.prices.__main__ import run as run_prices
from producers.role_process import RoleProcess
from schemas.topics import PRICES
from tests.support.fires import SECRET, Receiver, receiver
from tests.support.pipeline import SECONDS, Pipeline, run_role, wait_for_record
from tests.support.simulated import Simulated

AWAY, TARGET, ACROSS = 50_000.0, 40_000.0, 39_990.0


@asynccontextmanager
async def watching(pipeline: Pipeline, received: Receiver) -> AsyncIterator[None]:
    """Run prices, watcher and notifier."""
    broker, engine = pipeline.broker, pipeline.engine
    settings = pipeline.settings.model_copy(
        update={
            "prices_interval": 0.5,
            "webhook_private": True,
            "webhook_urls": (SecretStr(received.url + "/hook"),),
            "webhook_secret": SecretStr(SECRET),
        }
    )
    async with (
        run_role(lambda stop: run_notifier(RoleProcess(settings, broker, stop))),
        run_role(lambda stop: run_watcher(RoleProcess(settings, broker, stop), engine, pipeline.source)),
        run_role(lambda stop: run_prices(RoleProcess(settings, broker, stop), engine, pipeline.source)),
    ):
        yield


async def test_price_crossing_its_target_reaches_the_webhook(pipeline: Pipeline, exchange: Simulated) -> None:
    async with (
        receiver() as received,
        pipeline.broker.read([PRICES.name], Edge.END) as prices,
        watching(pipeline, received),
        pipeline.client() as client,
    ):
        body = {"symbol": "BTCUSDT", "condition": "cross_down", "target": TARGET, "side": "long"}
        answer = await client.post("/api/v1/watches", json=body)
        assert answer.status_code == 201, answer.text
        watch_id = answer.json()["data"]["id"]
        async with asyncio.timeout(SECONDS):
            # Back and forth, because nothing shows when the watcher has loaded the new watch.
            for step in itertools.count():
                await wait_for_price(prices, exchange, AWAY + step)
                await wait_for_price(prices, exchange, ACROSS - step)
                if fires := [fire for fire in received.bodies("/hook") if fire["watch_id"] == watch_id]:
                    break
    assert (fires[0]["target"], fires[0]["condition"]) == (TARGET, "cross_down")
    assert ACROSS - step <= fires[0]["price"] <= ACROSS


async def wait_for_price(prices: Reader, exchange: Simulated, price: float) -> None:
    """Trade `price`, and wait until it is on the topic."""
    await exchange.push("BTCUSDT", price)
    await wait_for_record(aiter(prices), lambda record: json.loads(record.value or b"{}")["price"] == price)
