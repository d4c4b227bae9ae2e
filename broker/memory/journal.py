"""The journal of the in-process broker: records of durable topics and committed offsets, in a SQLite file.

A message is written before it is acknowledged or read, so that what a durable topic holds survives `kill -9`. Messages
that wait together share one transaction.
"""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from broker.memory.log import PartitionLog
from broker.ports import Message, Partition, Record
from runtime.errors import Transient

T = TypeVar("T")

_LOCK_TIMEOUT = 10.0
_SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE IF NOT EXISTS records (
    topic TEXT NOT NULL, number INTEGER NOT NULL, "offset" INTEGER NOT NULL,
    key BLOB, value BLOB, headers TEXT NOT NULL, timestamp_ms INTEGER NOT NULL,
    PRIMARY KEY (topic, number, "offset")
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ends (
    topic TEXT NOT NULL, number INTEGER NOT NULL, next INTEGER NOT NULL, PRIMARY KEY (topic, number)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS commits (
    "group" TEXT NOT NULL, topic TEXT NOT NULL, number INTEGER NOT NULL, "offset" INTEGER NOT NULL,
    PRIMARY KEY ("group", topic, number)
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class StoredPartition:
    """What the journal holds of a partition: its records, oldest first, and the offset of the next one."""

    records: Sequence[Record]
    next: int

    @property
    def first(self) -> int:
        """The offset of the oldest record, or `next` if there is none."""
        return self.next - len(self.records)


@dataclass(slots=True)
class _Waiting:
    """A message that waits to be written to `log`, and for whom."""

    log: PartitionLog
    message: Message
    timestamp_ms: int
    done: asyncio.Future[Record] = field(default_factory=asyncio.Future)


class Journal:
    """Use `open_journal`. Each call raises Transient while the file cannot be read or written."""

    def __init__(self, connection: sqlite3.Connection, thread: ThreadPoolExecutor) -> None:
        self._connection = connection
        self._thread = thread
        self._waiting: list[_Waiting] = []
        self._writing: asyncio.Task[None] | None = None

    async def load(self, topic: str, *, since_ms: int, limit: int) -> dict[int, StoredPartition]:
        """Return the partitions of `topic` by number; delete what is older than `since_ms` or beyond `limit` each."""
        return await self._run(partial(_load, self._connection, topic, since_ms, limit))

    async def load_commits(self, group: str) -> dict[Partition, int]:
        """Return the committed offsets of `group`."""
        return await self._run(partial(_load_commits, self._connection, group))

    async def append(self, log: PartitionLog, message: Message, timestamp_ms: int) -> Record:
        """Write the message, then append it to `log`. One that is cancelled meanwhile may still be written."""
        waiting = _Waiting(log, message, timestamp_ms)
        self._waiting.append(waiting)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_waiting(), name="write journal")
        return await waiting.done

    async def commit(self, group: str, offsets: Mapping[Partition, int]) -> None:
        """Write committed offsets."""
        await self._run(partial(_write_commits, self._connection, group, offsets))

    async def delete_before(self, offsets: Mapping[Partition, int]) -> None:
        """Delete the records below these offsets."""
        await self._run(partial(_delete_before, self._connection, offsets))

    async def finish(self) -> None:
        """Return once every message that waits is written or refused."""
        if self._writing is not None:
            await asyncio.wait({self._writing})

    async def _write_waiting(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            records = _number(batch)
            try:
                await self._run(partial(_append, self._connection, records))
            except Transient as error:
                for waiting in batch:
                    if not waiting.done.done():
                        waiting.done.set_exception(Transient(str(error)))
                continue
            for waiting, record in zip(batch, records, strict=True):
                waiting.log.add(record)
                if not waiting.done.done():
                    waiting.done.set_result(record)

    async def _run(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except sqlite3.Error as error:
            raise Transient(f"the broker's journal: {type(error).__name__}: {error}") from error


@asynccontextmanager
async def open_journal(file: Path) -> AsyncIterator[Journal]:
    """Open the journal in `file`, which one process may use at a time. Raises Transient."""
    with ThreadPoolExecutor(1, thread_name_prefix="journal") as thread:
        loop = asyncio.get_running_loop()
        try:
            connection = await loop.run_in_executor(thread, _connect, file)
        except sqlite3.Error as error:
            raise Transient(f"{file}: {type(error).__name__}: {error}") from error
        journal = Journal(connection, thread)
        try:
            yield journal
        finally:
            await journal.finish()
            await loop.run_in_executor(thread, connection.close)


def _connect(file: Path) -> sqlite3.Connection:
    file.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(file, timeout=_LOCK_TIMEOUT, isolation_level=None)
    connection.executescript(_SCHEMA)
    return connection


def _number(batch: Sequence[_Waiting]) -> list[Record]:
    """Return the records that the messages of `batch` become, with the next offsets of their logs."""
    ends: dict[Partition, int] = {}
    records = []
    for waiting in batch:
        partition = waiting.log.partition
        offset = ends.get(partition, waiting.log.next)
        ends[partition] = offset + 1
        records.append(waiting.log.build(waiting.message, waiting.timestamp_ms, offset))
    return records


def _append(connection: sqlite3.Connection, records: Sequence[Record]) -> None:
    with _transaction(connection):
        connection.executemany("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?)", map(_to_row, records))
        connection.executemany(
            "INSERT OR REPLACE INTO ends VALUES (?, ?, ?)",
            [(record.topic, record.partition, record.offset + 1) for record in records],
        )


def _load(
    connection: sqlite3.Connection, topic: str, since_ms: int, limit: int
) -> dict[int, StoredPartition]:
    ends = connection.execute("SELECT number, next FROM ends WHERE topic = ?", (topic,)).fetchall()
    rows = connection.execute('SELECT * FROM records WHERE topic = ? ORDER BY number, "offset"', (topic,))
    records: dict[int, list[Record]] = {number: [] for number, _ in ends}
    for record in map(_to_record, rows):
        records[record.partition].append(record)
    stored = {
        number: StoredPartition(_drop_old(records[number], since_ms)[-limit:], end) for number, end in ends
    }
    _delete_before(connection, {Partition(topic, number): part.first for number, part in stored.items()})
    return stored


def _drop_old(records: Sequence[Record], since_ms: int) -> Sequence[Record]:
    """Return `records` from the first that is not older than `since_ms`: what stays has no gaps."""
    kept = (place for place, record in enumerate(records) if record.timestamp_ms >= since_ms)
    return records[next(kept, len(records)) :]


def _load_commits(connection: sqlite3.Connection, group: str) -> dict[Partition, int]:
    rows = connection.execute(
        'SELECT topic, number, "offset" FROM commits WHERE "group" = ?', (group,)
    ).fetchall()
    return {Partition(topic, number): offset for topic, number, offset in rows}


def _write_commits(connection: sqlite3.Connection, group: str, offsets: Mapping[Partition, int]) -> None:
    with _transaction(connection):
        connection.executemany(
            "INSERT OR REPLACE INTO commits VALUES (?, ?, ?, ?)",
            [(group, *partition, offset) for partition, offset in offsets.items()],
        )


def _delete_before(connection: sqlite3.Connection, offsets: Mapping[Partition, int]) -> None:
    with _transaction(connection):
        connection.executemany(
            'DELETE FROM records WHERE topic = ? AND number = ? AND "offset" < ?',
            [(*partition, offset) for partition, offset in offsets.items()],
        )


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:  # a cancellation too: an open transaction would block every later write
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _to_row(record: Record) -> tuple[object, ...]:
    headers = json.dumps([[name, value.decode("latin-1")] for name, value in record.headers])
    key, value = record.key, record.value
    return record.topic, record.partition, record.offset, key, value, headers, record.timestamp_ms


def _to_record(row: Sequence[Any]) -> Record:
    topic, partition, offset, key, value, headers, timestamp_ms = row
    pairs = tuple((name, text.encode("latin-1")) for name, text in json.loads(headers))
    return Record(topic, partition, offset, key, value, pairs, timestamp_ms)
