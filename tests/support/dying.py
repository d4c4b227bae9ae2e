"""A role that kills itself (SIGKILL) between two steps: `python -m tests.support.dying analyzer published`.

It is the real role with real Kafka, MySQL and ccxt; only the injected ports kill the process at the given step.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import event

from broker.kafka.broker import KafkaBroker
from broker.kafka.consumer import KafkaConsumer
from broker.ports import Message, Partition, RebalanceListener, Record
from consumers.analyzer.__main__ import run as run_analyzer
from consumers.sink.__main__ import run as run_sink
from consumers.watcher.__main__ import run as run_watcher
from exchanges.ccxt.source import CcxtCandleSource
from exchanges.ports import Series
from producers.role_process import RoleProcess
from runtime.settings import Settings
from schemas.market import Market
from schemas.topics import PRICES, RESULTS
from storage.database import open_database

ANALYZER_STEPS = ("received", "fetching", "fetched", "published", "committed")
SINK_STEPS = ("received", "writing", "written", "committed")
WATCHER_STEPS = ("published", "written")


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class DyingConsumer(KafkaConsumer):
    """Dies after receiving records, before a commit or after a commit of `topic` (of any topic if None)."""

    step = ""
    topic: str | None = None

    def _concerns(self, topics: set[str]) -> bool:
        return bool(topics) and (self.topic is None or self.topic in topics)

    async def poll(self, max_records: int, timeout: float) -> Sequence[Record]:
        records = await super().poll(max_records, timeout)
        if self.step == "received" and self._concerns({record.topic for record in records}):
            die()
        return records

    async def commit(self, offsets: Mapping[Partition, int]) -> None:
        concerned = self._concerns({partition.topic for partition in offsets})
        if self.step == "written" and concerned:
            die()
        await super().commit(offsets)
        if self.step == "committed" and concerned:
            die()


class DyingBroker(KafkaBroker):
    """Dies when a message is acknowledged, at the step `published`."""

    def __init__(self, settings: Settings, step: str, topic: str | None) -> None:
        super().__init__(settings)
        self._step = step
        self._topic = topic

    async def publish(self, message: Message, *, timeout: float | None = None) -> Record:
        record = await super().publish(message, timeout=timeout)
        if self._step == "published":
            die()
        return record

    @asynccontextmanager
    async def subscribe(
        self, group: str, topics: Sequence[str], listener: RebalanceListener
    ) -> AsyncIterator[KafkaConsumer]:
        async with super().subscribe(group, topics, listener) as consumer:
            consumer.__class__ = DyingConsumer
            assert isinstance(consumer, DyingConsumer)
            consumer.step, consumer.topic = self._step, self._topic
            yield consumer


class DyingSource(CcxtCandleSource):
    """Dies before or after a fetch."""

    step = ""

    async def candles(self, market: Market, limit: int) -> Series:
        if self.step == "fetching":
            die()
        series = await super().candles(market, limit)
        if self.step == "fetched":
            die()
        return series


async def run_dying_analyzer(settings: Settings, step: str) -> None:
    source = DyingSource(settings)
    source.step = step
    await run_analyzer(RoleProcess(settings, DyingBroker(settings, step, None)), source)


async def run_dying_sink(settings: Settings, step: str) -> None:
    engine = open_database(settings.require_database_url())
    if step == "writing":
        _die_before_committing_a_row(engine.sync_engine)
    await run_sink(RoleProcess(settings, DyingBroker(settings, step, RESULTS.name)), engine)


async def run_dying_watcher(settings: Settings, step: str) -> None:
    engine = open_database(settings.require_database_url())
    source = CcxtCandleSource(settings)
    await run_watcher(RoleProcess(settings, DyingBroker(settings, step, PRICES.name)), engine, source)


def _die_before_committing_a_row(engine: Any) -> None:
    statements: list[str] = []

    @event.listens_for(engine, "before_cursor_execute")
    def remember(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "INSERT INTO analysis_results" in statement:
            statements.append(statement)

    @event.listens_for(engine, "commit")
    def strike(_connection: object) -> None:
        if statements:
            die()


if __name__ == "__main__":
    role, step = sys.argv[1:]
    asyncio.run(
        {"analyzer": run_dying_analyzer, "sink": run_dying_sink, "watcher": run_dying_watcher}[role](
            Settings.load(), step
        )
    )
