"""Sends 500 requests through Traefik as callers do: an unknown outcome is sent again with the same id."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import httpx

from tests.smoke.compose import SmokeFailure

REQUESTS = 500
_CONCURRENCY = 12
_TIMEFRAMES = ("15m", "1h", "4h", "1d")
_RETRIED = frozenset({429, 500, 502, 503, 504})


async def send_all(web: str, milestones: dict[int, Callable[[], None]]) -> Sequence[str]:
    """Send all requests and return their ids. A milestone runs in a thread after its number of requests."""
    async with _create_client(web) as http:
        markets = (
            (await http.get("/api/v1/markets", params={"exchange": "sim"})).raise_for_status().json()["data"]
        )
        bodies = [_to_body(number, markets) for number in range(REQUESTS)]
        slots = asyncio.Semaphore(_CONCURRENCY)
        async with asyncio.TaskGroup() as tasks:
            for number, body in enumerate(bodies):
                if milestone := milestones.get(number):
                    tasks.create_task(asyncio.to_thread(milestone))
                await slots.acquire()
                tasks.create_task(_send(http, body)).add_done_callback(lambda _: slots.release())
    return [body["request_id"] for body in bodies]


def _to_body(number: int, markets: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Use each market once per timeframe before repeating one."""
    market = markets[number % len(markets)]
    timeframe = _TIMEFRAMES[number // len(markets) % len(_TIMEFRAMES)]
    return {**market, "timeframe": timeframe, "request_id": f"smoke-{number}"}


async def _send(http: httpx.AsyncClient, body: dict[str, Any], seconds: float = 180) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            answer = await http.post("/api/v1/analysis/trigger", json=body)
            if answer.status_code == 202:
                return
            problem = f"{answer.status_code} {answer.text[:300]}"
            retry = answer.status_code in _RETRIED
        except httpx.TransportError as error:
            problem, retry = repr(error), True
        if not retry or time.monotonic() > deadline:
            raise SmokeFailure(f"{body['request_id']} was not accepted: {problem}")
        await asyncio.sleep(1)


async def wait_until_all_ended(web: str, ids: Sequence[str], *, seconds: float) -> Counter[str]:
    """Count the outcomes (`completed` or the reason). Raises SmokeFailure with the open requests after `seconds`."""
    deadline = time.monotonic() + seconds
    ends: dict[str, str] = {}
    async with _create_client(web) as http:
        while len(ends) < len(ids):
            for request_id in [one for one in ids if one not in ends]:
                if end := await _read_outcome(http, request_id):
                    ends[request_id] = end
            if len(ends) < len(ids):
                if time.monotonic() > deadline:
                    open_ones = [one for one in ids if one not in ends]
                    raise SmokeFailure(f"{len(open_ones)} of {len(ids)} have not ended: {open_ones[:10]}")
                await asyncio.sleep(2)
    return Counter(ends.values())


async def _read_outcome(http: httpx.AsyncClient, request_id: str) -> str | None:
    try:
        answer = await http.get(f"/api/v1/jobs/{request_id}")
    except httpx.TransportError:
        return None
    if answer.status_code != 200:
        return None
    job = answer.json()
    return None if job["status"] == "queued" else job["reason"] or job["status"]


def _create_client(web: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=web, timeout=30, trust_env=False)
