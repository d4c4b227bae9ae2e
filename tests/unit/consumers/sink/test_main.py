"""The sink role on the in-process broker and SQLite."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from broker.dead_letters.limit import DeadLetterFlood
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


async def test_sink_role_progresses_with_every_restart_through_rejected_results(engine: AsyncEngine) -> None:
    """A restart dead-letters the next 100 and commits them, although one batch holds all of them."""
    broker = MemoryBroker()
    await broker.create_topics(TOPICS, partitions=1, replication=1)
    for number in range(230):
        rejected = make_completed(
            make_market(f"N{number}USDT"), request_ids=[f"r{number}"], input_limit=2**70
        )
        await broker.publish(Message(*encode_completed(rejected, source=SOURCE)))
    good = make_completed(make_market("GOODUSDT"), request_ids=["good"])
    await broker.publish(Message(*encode_completed(good, source=SOURCE)))
    settings = Settings(sink_linger=0.2, sink_batch=500, exit_on_flood=True)
    for _ in range(2):
        with pytest.raises(DeadLetterFlood):
            await within(run(RoleProcess(settings, broker, asyncio.Event()), engine))
    stop = asyncio.Event()
    running = asyncio.create_task(run(RoleProcess(settings, broker, stop), engine))
    try:
        await within(_jobs_ended(engine, {"good"}, queued=frozenset()))
        offsets = await _dead_letter_offsets(broker)
    finally:
        stop.set()
        await within(running)
        await broker.close()
    assert offsets == list(range(230))
    assert [row["symbol"] for row in await table(engine, analysis_results)] == ["GOODUSDT"]


async def _dead_letter_offsets(broker: MemoryBroker) -> list[int]:
    found = []
    async with broker.read([DEAD_LETTERS.name], Edge.BEGINNING) as letters:
        records = aiter(letters)
        while not await letters.is_caught_up():
            found.append(int(dict((await anext(records)).headers)["strandline_dl_offset"]))
    return found


async def _jobs_ended(
    engine: AsyncEngine, ids: set[str], queued: frozenset[str] = frozenset({"asked"})
) -> None:
    while True:
        jobs = {job["request_id"]: job["status"] for job in await table(engine, analysis_jobs)}
        if queued <= jobs.keys() and ids <= {name for name, status in jobs.items() if status != "queued"}:
            return
