"""The API on a socket, inside a running event loop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from api.app import create_app
from api.live import routes as stream
from api.server import serve_api
from broker.memory.broker import MemoryBroker
from runtime.clock import SystemClock
from runtime.serving import HttpServer
from tests.unit.api.fakes import AwayBroker, dependencies
from tests.unit.api.live.test_stream import make_completed, make_failed, publish_event

STREAM = "/api/v1/stream"


@asynccontextmanager
async def serve(
    engine: AsyncEngine, broker: MemoryBroker | AwayBroker, **settings: Any
) -> AsyncIterator[HttpServer]:
    app = create_app(dependencies(engine, broker=broker, clock=SystemClock(), **settings))
    async with asyncio.timeout(30), serve_api(app, host="127.0.0.1", port=0) as server:
        yield server


async def next_block(lines: AsyncIterator[str]) -> dict[str, str]:
    """Return the next block with an event, by field."""
    fields: dict[str, str] = {}
    async for line in lines:
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif "event" in fields:
            return fields
    raise AssertionError("the stream ended")


async def test_server_listens_inside_its_context_only(engine: AsyncEngine, broker: MemoryBroker) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        async with serve(engine, broker) as server:
            assert (await client.get(f"{server.url}/health")).json()["broker"] is True
        assert server.ended.done()
        with pytest.raises(httpx.ConnectError):
            await client.get(f"{server.url}/health")


async def test_server_names_the_port_in_use(engine: AsyncEngine, broker: MemoryBroker) -> None:
    app = create_app(dependencies(engine, broker=broker))
    async with serve(engine, broker) as server:
        port = int(server.url.rpartition(":")[2])
        with pytest.raises(OSError, match=str(port)):
            async with serve_api(app, host="127.0.0.1", port=port):
                pass


@pytest.mark.parametrize(("settings", "status"), [({"streams_per_client": 1}, 429), ({"streams": 1}, 503)])
async def test_server_limits_open_streams(
    engine: AsyncEngine, broker: MemoryBroker, settings: dict[str, int], status: int
) -> None:
    async with (
        serve(engine, broker, **settings) as server,
        httpx.AsyncClient(base_url=server.url, trust_env=False) as client,
        client.stream("GET", STREAM) as first,
    ):
        assert first.status_code == 200
        second = await client.get(STREAM)
        assert second.status_code == status
        assert "retry-after" in second.headers


async def test_server_streams_events_and_resumes(engine: AsyncEngine, broker: MemoryBroker) -> None:
    async with (
        serve(engine, broker) as server,
        httpx.AsyncClient(base_url=server.url, trust_env=False) as client,
    ):
        async with client.stream("GET", STREAM, params={"market": "btc/usdt", "types": "result"}) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            lines = answer.aiter_lines()
            assert [await anext(lines) for _ in range(2)] == [": following", "retry: 3000"]
            for event in (make_failed(), make_completed("ETHUSDT"), make_completed()):
                await publish_event(broker, event)
            first = await next_block(lines)
        assert first["event"] == "result"
        assert '"symbol":"BTCUSDT"' in first["data"]
        await publish_event(broker, make_failed())
        async with client.stream("GET", STREAM, headers={"Last-Event-ID": first["id"]}) as again:
            assert (await next_block(again.aiter_lines()))["event"] == "failure"
        async with client.stream("GET", STREAM, headers={"Last-Event-ID": "gone-1"}) as unknown:
            assert (await next_block(unknown.aiter_lines()))["event"] == "reset"


async def test_server_heartbeat_carries_the_last_id(
    engine: AsyncEngine, broker: MemoryBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT", 0.01)
    async with (
        serve(engine, broker) as server,
        httpx.AsyncClient(trust_env=False) as client,
        client.stream("GET", f"{server.url}{STREAM}", params={"types": "price"}) as answer,
    ):
        await publish_event(broker, make_completed())
        async for line in answer.aiter_lines():
            if line.startswith("id: ") and line.endswith("-2"):
                break


async def test_server_refuses_unknown_event_types(engine: AsyncEngine, broker: MemoryBroker) -> None:
    async with serve(engine, broker) as server, httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"{server.url}{STREAM}", params={"types": "result,odd"})
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert "odd" in answer.json()["detail"]


async def test_server_stop_does_not_wait_for_streams(engine: AsyncEngine, broker: MemoryBroker) -> None:
    async with httpx.AsyncClient(trust_env=False) as client, serve(engine, broker) as server:
        request = client.build_request("GET", f"{server.url}{STREAM}", extensions={"timeout": {}})
        answer = await client.send(request, stream=True)
        reading = asyncio.create_task(answer.aread())
        await asyncio.sleep(0)
        begun = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - begun < 3
    assert b": following" in await reading


async def test_server_starts_and_reads_without_the_broker(engine: AsyncEngine) -> None:
    async with serve(engine, AwayBroker()) as server, httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(f"{server.url}/api/v1/analysis/results")).json()["total"] == 0
        assert (await client.get(f"{server.url}/health")).json()["broker"] is False
        async with client.stream("GET", f"{server.url}{STREAM}") as answer:
            assert answer.status_code == 200
