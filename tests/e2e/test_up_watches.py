"""Watches under `strandline up`: what fired while the receiver was away is delivered after `kill -9`."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.support.containers import find_free_port
from tests.support.fires import Receiver, receiver
from tests.support.started_up import Started, api, up

SECONDS = 100.0
FIRES = 400
SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"


async def set_price(started: Started, client: httpx.AsyncClient, price: float) -> None:
    (line,) = (line for line in started.lines if "made-up markets at" in line)
    simulator = line.split("made-up markets at ")[1].split(",")[0]
    body = {"symbol": "DOTUSDT", "price": price}
    (await client.post(f"{simulator}/simulator/price", json=body)).raise_for_status()


async def watch(client: httpx.AsyncClient, number: int) -> str:
    body = {"symbol": "DOTUSDT", "condition": "touch", "target": 1_000 + number, "side": "long"}
    created = await client.post("/api/v1/watches", json=body)
    assert created.status_code == 201, created.text
    return str(created.json()["data"]["id"])


async def list_watches(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    watches: list[dict[str, Any]] = []
    for page in range(1, 1 + FIRES // 100):
        answer = await client.get("/api/v1/watches", params={"page": page, "pageSize": 100})
        watches += answer.json()["data"]
    return watches


async def wait_for_all(client: httpx.AsyncClient, field: str, value: object) -> None:
    """Wait until every watch has this value."""
    while any(row[field] != value for row in await list_watches(client)):  # noqa: ASYNC110 (another process)
        await asyncio.sleep(0.2)


async def wait_for_fires(received: Receiver) -> None:
    """Wait until every fire was posted, however often."""
    while len({fire["fire_id"] for fire in received.bodies("/hook")}) < FIRES:  # noqa: ASYNC110 (another process)
        await asyncio.sleep(0.2)


@pytest.mark.timeout(3 * SECONDS)  # the waits below end first, and name what they waited for
async def test_up_delivers_after_a_kill_what_fired_while_the_receiver_was_away(
    environ: dict[str, str],
) -> None:
    port = find_free_port()
    environ |= {
        "STRANDLINE_WEBHOOK_URLS": f"http://127.0.0.1:{port}/hook",
        "STRANDLINE_WEBHOOK_SECRET": SECRET,
        "STRANDLINE_WEBHOOK_PRIVATE": "true",
    }
    async with up(environ) as first, api(environ) as client, asyncio.timeout(SECONDS):
        await first.wait_for_output("Ready.")
        await set_price(first, client, 900)
        ids = [await watch(client, number) for number in range(FIRES)]
        await wait_for_all(client, "last_price", 900)
        await set_price(first, client, 2_000)
        await wait_for_all(client, "state", "fired")
        await first.kill()
    async with receiver(port) as received, up(environ) as second, asyncio.timeout(SECONDS):
        await second.wait_for_output("page")
        await wait_for_fires(received)
        assert await second.interrupt() == 0
    assert {fire["watch_id"] for fire in received.bodies("/hook")} == set(ids)
