"""The journal of the in-process broker: what survives a process that ends without closing, and what fails with it."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from broker.memory.broker import MemoryBroker
from broker.memory.journal import open_journal
from broker.ports import Edge, Message, Partition, Record
from runtime.errors import Transient
from schemas.topics import Topic
from tests.support.brokers import Watcher, fill, take
from tests.support.clock import ManualClock
from tests.support.deadlines import within

DAY_MS = 86_400_000
KEPT = Topic("kept", {"retention.ms": str(DAY_MS)}, durable=True)
LOST = Topic("lost", {"retention.ms": str(DAY_MS)})
START = datetime(2026, 11, 1, tzinfo=UTC)


@asynccontextmanager
async def run(
    file: Path, *, partitions: int = 1, at: datetime = START, topic: Topic = KEPT
) -> AsyncIterator[MemoryBroker]:
    """Open a broker on `file`, as one process does; it ends without closing the broker."""
    async with open_journal(file) as journal:
        broker = MemoryBroker(ManualClock(at), journal=journal)
        await broker.create_topics([topic, LOST], partitions=partitions, replication=1)
        yield broker


async def read_all(broker: MemoryBroker, topic: str) -> list[Record]:
    records: list[Record] = []
    async with broker.read([topic], Edge.BEGINNING) as reader:
        if await reader.is_caught_up():
            return []
        async for record in reader:
            records.append(record)
            if await reader.is_caught_up():
                return records
    return records


async def test_journal_keeps_the_records_of_durable_topics(tmp_path: Path) -> None:
    message = Message("kept", b"k", None, (("ce_id", b"\xff1"), ("ce_id", b"2")))
    async with run(tmp_path / "j") as broker:
        published = await broker.publish(message)
        await fill(broker, "kept", 3)
        await fill(broker, "lost", 3)
    async with run(tmp_path / "j") as broker:
        records = await read_all(broker, "kept")
        assert records[0] == published
        assert [record.value for record in records] == [None, b"0", b"1", b"2"]
        assert await read_all(broker, "lost") == []
        assert (await broker.publish(message)).offset == 4


async def test_journal_continues_a_group_at_its_committed_offset(tmp_path: Path) -> None:
    async with run(tmp_path / "j") as broker, broker.subscribe("g", ["kept"], Watcher()) as consumer:
        await fill(broker, "kept", 5)
        await take(consumer, 5)
        await consumer.commit({Partition("kept", 0): 3})
    async with run(tmp_path / "j") as broker, broker.subscribe("g", ["kept", "lost"], Watcher()) as consumer:
        assert [record.offset for record in await take(consumer, 2)] == [3, 4]
        await fill(broker, "lost", 1)
        await take(consumer, 1)
        await consumer.commit({Partition("lost", 0): 1, Partition("kept", 0): 5})
    async with run(tmp_path / "j") as broker, broker.subscribe("g", ["kept", "lost"], Watcher()) as consumer:
        await fill(broker, "lost", 1)
        assert [record.topic for record in await take(consumer, 1)] == ["lost"]


async def test_journal_never_gives_an_offset_twice(tmp_path: Path) -> None:
    async with run(tmp_path / "j") as broker:
        await fill(broker, "kept", 3)
        await broker.delete_before({Partition("kept", 0): 3})
    async with run(tmp_path / "j") as broker:
        assert await read_all(broker, "kept") == []
        assert (await broker.publish(Message("kept", b"k", b"v"))).offset == 3


async def test_journal_drops_what_is_older_than_the_retention(tmp_path: Path) -> None:
    async with run(tmp_path / "j") as broker:
        await fill(broker, "kept", 2)
    async with run(tmp_path / "j", at=START + timedelta(hours=23)) as broker:
        await fill(broker, "kept", 1, first=2)
    async with run(tmp_path / "j", at=START + timedelta(hours=25)) as broker:
        assert [record.offset for record in await read_all(broker, "kept")] == [2]
    async with run(tmp_path / "j", at=START + timedelta(hours=25)) as broker:
        assert [record.offset for record in await read_all(broker, "kept")] == [2]


async def test_journal_keeps_no_more_records_than_memory(tmp_path: Path) -> None:
    small = Topic("kept", KEPT.config, memory_retention=2, durable=True)
    async with run(tmp_path / "j", topic=small) as broker:
        await fill(broker, "kept", 5)
    async with run(tmp_path / "j", topic=small) as broker:
        assert [record.offset for record in await read_all(broker, "kept")] == [3, 4]


async def test_journal_keeps_partitions_that_the_settings_no_longer_have(tmp_path: Path) -> None:
    async with run(tmp_path / "j", partitions=4) as broker:
        for number in range(4):
            await broker.publish(Message("kept", None, str(number).encode()))
    async with run(tmp_path / "j", partitions=2) as broker:
        assert {record.value for record in await read_all(broker, "kept")} == {b"0", b"1", b"2", b"3"}


async def test_journal_orders_messages_that_wait_together(tmp_path: Path) -> None:
    async with run(tmp_path / "j") as broker:
        async with asyncio.TaskGroup() as publishing:
            tasks = [
                publishing.create_task(broker.publish(Message("kept", b"k", str(number).encode())))
                for number in range(400)
            ]
        published = [task.result() for task in tasks]
        assert [record.offset for record in published] == list(range(400))
    async with run(tmp_path / "j") as broker:
        assert await read_all(broker, "kept") == published


async def test_journal_that_cannot_be_written_acknowledges_nothing(tmp_path: Path) -> None:
    async with run(tmp_path / "j") as broker:
        other = sqlite3.connect(tmp_path / "j", isolation_level=None)
        other.execute("DROP TABLE records")
        with pytest.raises(Transient, match="journal"):
            await within(broker.publish(Message("kept", b"k", b"v")))
        assert await read_all(broker, "kept") == []
        other.close()


async def test_journal_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "j").write_bytes(b"no database, " * 100)
    with pytest.raises(Transient, match="file is not a database"):
        async with open_journal(tmp_path / "j"):
            pass
