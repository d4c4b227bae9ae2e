"""The MCP server of `strandline up`, over HTTP and over standard input: an agent asks, watches, and gets the fire."""

import asyncio
import os
import sys
from typing import Any

from mcp import Client, StdioServerParameters

from tests.e2e.test_up_watches import set_price
from tests.support.started_up import api, up

SECONDS = 120.0


async def ask(client: Client, tool: str, **arguments: Any) -> str:
    result = await client.call_tool(tool, arguments)
    (content,) = result.content
    assert content.type == "text"
    assert not result.is_error, content.text
    return content.text


async def test_agent_asks_for_levels_watches_a_price_and_gets_the_fire(environ: dict[str, str]) -> None:
    async with up(environ) as started, api(environ) as http, asyncio.timeout(SECONDS):
        await started.wait_for_output("Ready.")
        await http.post("/api/v1/analysis/trigger?wait=60", json={"symbol": "DOTUSDT"})
        command = StdioServerParameters(
            command=sys.executable, args=["-m", "strandline", "mcp"], env=os.environ | environ
        )
        for server, level in ((str(http.base_url.join("/mcp")), 1_000), (command, 3_000)):
            async with Client(server) as client:
                levels = await ask(client, "levels", symbol="DOT/USDT")
                assert "simulated: yes" in levels
                assert "known_at" in levels
                near = await ask(client, "levels_near", quote="USDT", limit=3)
                assert "simulated: yes" in near
                assert "sim:spot:" in near
                await set_price(started, http, level - 100)
                created = await ask(client, "create_watch", symbol="DOTUSDT", side="long", target=level)
                watch_id = created.split()[1].rstrip(":")
                # The watch is armed by the last price, which another process publishes.
                while f"last_price {level - 100}," not in await ask(client, "list_watches"):  # noqa: ASYNC110
                    await asyncio.sleep(0.1)
                waiting = asyncio.create_task(ask(client, "wait_for_fire", watch_id=watch_id, timeout_s=50))
                await set_price(started, http, level + 100)
                fire = await waiting
                assert f"fired: price {level + 100}" in fire
                assert f"watch {watch_id}:" in fire
                assert "simulated: yes" in fire
        assert await started.interrupt() == 0
