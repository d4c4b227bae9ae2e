"""The sink role on the in-process broker and SQLite."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from broker.memory.broker import MemoryBroker
from broker.ports import Edge, Message
from consumers.sink.__main__ import run
from producers.role_process import RoleProcess
from runtime.settings import Settings
from schemas.tables import analysis_jobs, analysis_results
from schemas.topics import (
    DEAD_LETTERS,
    REQUESTS,
    RESULTS,
    TOPICS,
    Encoded,
    encode_completed,
    encode_failed,
    encode_request,
)
from tests.support.deadlines import within
from tests.support.events import NOON, make_completed, make_failed, make_market, make_request
from tests.support.sinks import table, upgraded

SOURCE = "/tests"


@pytest.fixture
async def engine(sqlite_url: str) -> AsyncIterator[AsyncEngine]:
    async with upgraded(sqlite_url) as engine:
        yield engine


async def test_sink_role_writes_topics_to_tables_and_dead_letters(engine: AsyncEngine) -> None:
    broker = MemoryBroker()
    await broker.create_topics(TOPICS, partitions=3, replication=1)
    market = make_market("ETHUSDT")
    published: list[Encoded | Message] = [
        encode_request(make_request(request_id="asked"), source=SOURCE, at=NOON),
        encode_request(make_request(market, request_id="done"), source=SOURCE, at=NOON),
        encode_completed(make_completed(market, request_ids=["done"]), source=SOURCE),
        encode_failed(make_failed(None, request_ids=["refused"], reason="invalid_request"), source=SOURCE),
        Message(REQUESTS.name, None, b"not for the sink"),
        Message(RESULTS.name, b"k", b"unreadable"),
    ]
    stop = asyncio.Event()
    running = asyncio.create_task(run(RoleProcess(Settings(sink_linger=0.0), broker, stop), engine))
    try:
        async with broker.read([DEAD_LETTERS.name], Edge.BEGINNING) as letters:
            for each in published:
                await broker.publish(each if isinstance(each, Message) else Message(*each))
            letter = await within(anext(aiter(letters)))
            await within(_jobs_ended(engine, {"done", "refused"}))
    finally:
        stop.set()
        await within(running)
        await broker.close()
    assert (letter.key, letter.value) == (b"k", b"unreadable")
    assert [row["symbol"] for row in await table(engine, analysis_results)] == ["ETHUSDT"]
    jobs = {job["request_id"]: job["status"] for job in await table(engine, analysis_jobs)}
    assert jobs == {"asked": "queued", "done": "completed", "refused": "failed"}


async def _jobs_ended(engine: AsyncEngine, ids: set[str]) -> None:
    while True:
        jobs = {job["request_id"]: job["status"] for job in await table(engine, analysis_jobs)}
        if "asked" in jobs and ids <= {name for name, status in jobs.items() if status != "queued"}:
            return
