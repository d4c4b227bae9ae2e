"""Measures how long an agent waits for a fire: from a price at the simulated exchange to the answer of `wait_for_fire`.

python -m benchmarks.mcp_fires [--rounds N]

A `strandline up` of its own, and the official SDK's client over streamable HTTP and over standard input.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

import httpx
from mcp import Client, StdioServerParameters

from tests.support.containers import find_free_port
from tests.support.started_up import Started, api, up

SYMBOL = "DOTUSDT"
_DEADLINE = 300.0


async def ask(client: Client, tool: str, **arguments: Any) -> str:
    """Return a tool's text. Raises RuntimeError where it failed."""
    result = await client.call_tool(tool, arguments)
    (content,) = result.content
    if content.type != "text" or result.is_error:
        raise RuntimeError(f"{tool}: {content}")
    return content.text


async def measure_fire(client: Client, started: Started, http: httpx.AsyncClient, level: float) -> float:
    """Watch a price, move the market across it, and return the seconds until the fire is answered."""
    await set_price(started, http, level * 0.9)
    created = await ask(client, "create_watch", symbol=SYMBOL, side="long", target=level)
    watch_id = created.split()[1].rstrip(":")
    # The watch is armed by the last price, which another role publishes.
    while f"last_price {level * 0.9:.12g}," not in await ask(client, "list_watches", limit=1):  # noqa: ASYNC110
        await asyncio.sleep(0.1)
    waiting = asyncio.create_task(ask(client, "wait_for_fire", watch_id=watch_id, timeout_s=50))
    moved_at = perf_counter()
    await set_price(started, http, level * 1.1)
    fire = await waiting
    if not fire.startswith("fired"):
        raise RuntimeError(fire)
    return perf_counter() - moved_at


async def set_price(started: Started, http: httpx.AsyncClient, price: float) -> None:
    (line,) = (line for line in started.lines if "made-up markets at" in line)
    simulator = line.split("made-up markets at ")[1].split(",")[0]
    body = {"symbol": SYMBOL, "price": price}
    (await http.post(f"{simulator}/simulator/price", json=body)).raise_for_status()


async def measure(rounds: int, folder: Path) -> None:
    """Print median and maximum of each transport."""
    environ = {
        "STRANDLINE_DATA_DIR": str(folder),
        "STRANDLINE_HTTP_PORT": str(find_free_port()),
        "STRANDLINE_OPS_PORT": str(find_free_port()),
    }
    command = StdioServerParameters(
        command=sys.executable, args=["-m", "strandline", "mcp"], env=os.environ | environ
    )
    async with up(environ) as started, api(environ) as http, asyncio.timeout(_DEADLINE):
        await started.wait_for_output("Ready.")
        for name, server in (("http", str(http.base_url.join("/mcp"))), ("stdio", command)):
            async with Client(server) as client:
                seconds = [
                    await measure_fire(client, started, http, 1_000.0 + 500 * one) for one in range(rounds)
                ]
            print(f"{name}: median {statistics.median(seconds):.3f} s, max {max(seconds):.3f} s of {rounds}")
        await started.interrupt()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=10)
    with tempfile.TemporaryDirectory() as temporary:
        asyncio.run(measure(parser.parse_args().rounds, Path(temporary)))
