"""The API on real Kafka: it publishes a request and streams the failure."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

from httpx import AsyncClient
from pydantic import SecretStr

from api.app import create_app
from api.http.dependencies import get_dependencies
from api.server import serve_api
from api.wiring import open_connections, process_settings
from broker.kafka.broker import KafkaBroker
from broker.ports import Message
from producers.role_process import RoleProcess
from runtime.settings import Settings
from schemas.events import AnalysisFailed
from schemas.market import Market
from schemas.topics import TOPICS, encode_failed
from tests.support.deadlines import until
from tests.unit.api.fakes import NOW


async def test_api_publishes_a_request_and_streams_its_failure_over_kafka(
    kafka_for_roles: str, migrated_sqlite_url: str, unique: Callable[[str], str]
) -> None:
    settings = Settings(kafka_bootstrap=kafka_for_roles, database_url=SecretStr(migrated_sqlite_url))
    symbol = unique("S").replace("-", "").upper()
    async with asyncio.timeout(60), AsyncExitStack() as stack:
        broker = KafkaBroker(settings)
        stack.push_async_callback(broker.close)
        connections = open_connections(RoleProcess(process_settings(settings), broker), stack)
        await connections.broker.create_topics(TOPICS, partitions=2, replication=1)
        app = create_app(connections)
        there = await stack.enter_async_context(serve_api(app, host="127.0.0.1", port=0))
        await until(lambda: get_dependencies(app).live.has_opened)
        client = await stack.enter_async_context(AsyncClient(base_url=there.url, trust_env=False, timeout=20))
        follow = client.stream("GET", "/api/v1/stream", params={"market": symbol})
        lines = (await stack.enter_async_context(follow)).aiter_lines()
        queued = await client.post("/api/v1/analysis/trigger", json={"symbol": symbol, "request_id": symbol})
        assert queued.status_code == 202
        assert (await client.get(f"/api/v1/jobs/{symbol}")).json()["status"] == "queued"
        failed = AnalysisFailed(
            request_ids=(symbol,),
            market=Market.of("binance", symbol),
            reason="unknown_symbol",
            message="no such market",
            attempts=1,
            failed_at=NOW,
        )
        await connections.broker.publish(Message(*encode_failed(failed, source="test")))
        assert "failure" in await _event(lines)


async def _event(lines: AsyncIterator[str]) -> str:
    async for line in lines:
        if line.startswith("event: "):
            return line
    raise AssertionError("the stream ended")
