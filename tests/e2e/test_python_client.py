"""The Python client against a running `strandline up`."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from strandline_client import AnalysisFailed, AsyncClient, Client, NotFound, Refused
from tests.e2e.test_up import SECONDS, up
from tests.support.containers import find_free_port

MARKET = "sim:spot:ADAUSDT:4h"


def use_client(url: str) -> None:
    """Read, request and watch with the synchronous client."""
    with Client(url) as client:
        result = client.analyze("ADA/USDT", "4h", within=SECONDS)
        assert (result.market, len(result.levels) > 0) == (MARKET, True)
        assert client.result_of(MARKET).levels == client.result(result.id).levels
        assert client.history(MARKET).items[0].support_levels == result.support_levels
        with pytest.raises(NotFound):
            client.result_of(MARKET, at=datetime(2001, 1, 1, tzinfo=UTC))
        with pytest.raises(AnalysisFailed, match="unknown_symbol"):
            client.analyze("NOSUCH/USDT", within=SECONDS)

        batch = client.request_many([{"symbol": "ADAUSDT"}, {"symbol": "ADAUSDT", "limit": 0}])
        assert (list(batch.accepted), batch.refused[0]["index"]) == ([0], 1)
        (job,) = client.jobs(batch.accepted.values())
        assert job.market == "sim:spot:ADAUSDT:1h"

        watch = client.create_watch("ADAUSDT", condition="touch", target=result.last_price * 5, side="short")
        assert client.change_watch(watch.id, note="far away").note == "far away"
        assert [one.id for one in client.watches().items] == [watch.id]
        assert client.fires(watch.id) == []
        client.delete_watch(watch.id)
        with pytest.raises(NotFound):
            client.watch(watch.id)
        with pytest.raises(Refused, match="target"):
            client.create_watch("ADAUSDT", condition="touch", side="short")


async def follow_result(url: str) -> None:
    """Request an analysis with the asynchronous client, and receive its event from the stream."""
    async with AsyncClient(url) as client, asyncio.timeout(SECONDS):
        events = client.stream(types=["result", "price"], market="ETHUSDT")
        await anext(events)  # a price: from here on the stream is open
        request_id = await client.request("ETH/USDT", "12h")
        async for event in events:
            if request_id in event.data.get("request_ids", ()):
                break
        await events.aclose()
        assert (event.kind, event.data["market"]["timeframe"]) == ("result", "12h")
        job = await client.job(request_id)
        assert job.market == "sim:spot:ETHUSDT:12h"


async def test_clients_of_a_running_up(tmp_path: Path) -> None:
    port = find_free_port()
    environ = {
        "STRANDLINE_DATA_DIR": str(tmp_path),
        "STRANDLINE_HTTP_PORT": str(port),
        "STRANDLINE_OPS_PORT": str(find_free_port()),
    }
    async with up(environ) as running:
        await running.wait_for_output("Ready.")
        await asyncio.to_thread(use_client, f"http://127.0.0.1:{port}")
        await follow_result(f"http://127.0.0.1:{port}")
        assert await running.interrupt() == 0
