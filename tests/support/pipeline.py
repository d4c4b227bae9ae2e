"""The pipeline in tests: roles as tasks and the API without a socket, on one broker and database."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from api.app import create_app
from api.connections import Connections
from broker.kafka.connect import connect_kafka
from broker.memory.broker import MemoryBroker
from broker.ports import Broker, Record
from consumers.analyzer.__main__ import run as run_analyzer
from consumers.sink.__main__ import run as run_sink
from consumers.tracker.__main__ import run as run_tracker
from consumers.watcher.__main__ import run as run_watcher
from exchanges.ccxt.source import CcxtCandleSource
from producers.requests.journal import JobJournal
from producers.requests.publisher import RequestPublisher
from producers.role_process import RoleProcess
from runtime.clock import SystemClock
from runtime.settings import Settings
from schemas.tables import analysis_results
from schemas.topics import TOPICS
from storage.database import open_database
from storage.migrations import upgrade

SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A broker, a database and an exchange source, with no role running yet."""

    settings: Settings
    broker: Broker
    engine: AsyncEngine
    source: CcxtCandleSource

    def process(self, stop: asyncio.Event) -> RoleProcess:
        """Return the process that a role runs in."""
        return RoleProcess(self.settings, self.broker, stop)

    @asynccontextmanager
    async def analyzer(self) -> AsyncIterator[None]:
        async with run_role(lambda stop: run_analyzer(self.process(stop), self.source)):
            yield

    @asynccontextmanager
    async def sink(self) -> AsyncIterator[None]:
        async with run_role(lambda stop: run_sink(self.process(stop), self.engine)):
            yield

    @asynccontextmanager
    async def tracker(self) -> AsyncIterator[None]:
        async with run_role(lambda stop: run_tracker(self.process(stop), self.engine)):
            yield

    @asynccontextmanager
    async def watcher(self) -> AsyncIterator[None]:
        async with run_role(lambda stop: run_watcher(self.process(stop), self.engine, self.source)):
            yield

    @asynccontextmanager
    async def client(self) -> AsyncIterator[httpx.AsyncClient]:
        """Yield a client that calls the API in this process."""
        clock = SystemClock()
        journal = JobJournal(self.engine, required=False)
        publisher = RequestPublisher(self.broker, source="/test", clock=clock, journal=journal)
        app = create_app(
            Connections(
                engine=self.engine,
                publisher=publisher,
                candles=self.source,
                broker=self.broker,
                settings=self.settings,
                clock=clock,
            )
        )
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://strandline") as client:
            yield client

    async def rows(self) -> list[dict[str, Any]]:
        async with self.engine.connect() as connection:
            rows = await connection.execute(select(analysis_results))
            return [dict(row._mapping) for row in rows]


@asynccontextmanager
async def open_pipeline(settings: Settings) -> AsyncIterator[Pipeline]:
    """Open a pipeline on Kafka if the settings name one, else on the in-process broker."""
    async with AsyncExitStack() as stack:
        await upgrade(settings.require_database_url())
        engine = open_database(settings.require_database_url())
        stack.push_async_callback(engine.dispose)
        broker: Broker = connect_kafka(settings) if settings.kafka_bootstrap else MemoryBroker()
        stack.push_async_callback(broker.close)
        await broker.create_topics(
            TOPICS, partitions=settings.topic_partitions, replication=settings.topic_replication
        )
        source = CcxtCandleSource(settings)
        stack.push_async_callback(source.close)
        yield Pipeline(settings, broker, engine, source)


async def wait_for_job(
    client: httpx.AsyncClient, request_id: str, seconds: float = SECONDS
) -> dict[str, Any]:
    """Poll until the job of a request is completed or failed, and return it."""
    async with asyncio.timeout(seconds):
        while True:
            answer = await client.get(f"/api/v1/jobs/{request_id}")
            if answer.status_code == 200 and answer.json()["status"] != "queued":
                job: dict[str, Any] = answer.json()
                return job
            await asyncio.sleep(0.02)  # the table offers no event to wait for


async def wait_for_record(
    records: AsyncIterator[Record], matches: Callable[[Record], bool], seconds: float = SECONDS
) -> Record:
    """Return the first record for which `matches` holds."""
    async with asyncio.timeout(seconds):
        async for record in records:
            if matches(record):
                return record
    raise AssertionError("the topics ended without a matching record")


@asynccontextmanager
async def run_role(run: Callable[[asyncio.Event], Any]) -> AsyncIterator[None]:
    stop = asyncio.Event()
    task = asyncio.ensure_future(run(stop))
    try:
        yield
    finally:
        stop.set()
        async with asyncio.timeout(SECONDS):
            await task
