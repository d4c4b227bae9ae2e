"""A sink for tests: its clock does not wait, its broker records what is published."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from broker.ports import Message, Record
from consumers.sink.handler import Sink
from schemas.tables import analysis_jobs, analysis_results
from storage.database import open_database
from storage.migrations import upgrade
from tests.support.events import NOON, Event, to_record


class SwiftClock:
    """A clock whose sleeps return at once with the time advanced; `slept` lists their seconds."""

    def __init__(self, start: datetime = NOON) -> None:
        self.time = start
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.time.timestamp()

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += timedelta(seconds=seconds)
        await asyncio.sleep(0)


class RecordingBroker:
    """The part of a broker that a sink uses. Raises `errors`, one for each publish, before one succeeds."""

    def __init__(self, *errors: Exception) -> None:
        self.letters: list[Message] = []
        self._errors = list(errors)

    async def publish(self, message: Message, *, timeout: float | None = None) -> Record:
        if self._errors:
            raise self._errors.pop(0)
        self.letters.append(message)
        return Record(
            message.topic, 0, len(self.letters), message.key, message.value, message.headers, timestamp_ms=0
        )


class SinkBench:
    """A sink with its clock, broker and tables."""

    def __init__(self, engine: AsyncEngine, *errors: Exception) -> None:
        self.engine = engine
        self.clock = SwiftClock()
        self.broker = RecordingBroker(*errors)
        self.sink = Sink(
            engine=engine,
            broker=self.broker,  # type: ignore[arg-type]  # the sink only publishes
            clock=self.clock,
            exchange="binance",
            draw=lambda: 0.5,
        )

    async def take(self, *events: Event) -> None:
        """Handle the events as records of their topics, in one batch."""
        await self.take_records(*(to_record(event) for event in events))

    async def take_records(self, *records: Record) -> None:
        await self.sink.handle([self.sink.decode(record) for record in records])

    async def rows(self) -> list[dict[str, Any]]:
        return await table(self.engine, analysis_results)

    async def row(self) -> dict[str, Any]:
        (only,) = await self.rows()
        return only

    async def jobs(self) -> dict[str, dict[str, Any]]:
        return {job["request_id"]: job for job in await table(self.engine, analysis_jobs)}

    async def raw_rows(self) -> list[tuple[Any, ...]]:
        """Every column as the driver returns it, JSON as text."""
        async with self.engine.connect() as connection:
            found = await connection.execute(text("SELECT * FROM analysis_results ORDER BY id"))
            return [tuple(row) for row in found]


@asynccontextmanager
async def upgraded(url: str, **options: Any) -> AsyncIterator[AsyncEngine]:
    """Open a database with its tables; `options` are those of open_database."""
    await upgrade(url)
    engine = open_database(url, **options)
    try:
        yield engine
    finally:
        await engine.dispose()


async def table(engine: AsyncEngine, which: Table) -> list[dict[str, Any]]:
    async with engine.connect() as connection:
        found = await connection.execute(select(which).order_by(*which.primary_key.columns))
        return [dict(row._mapping) for row in found]
