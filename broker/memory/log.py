"""One partition of the in-process broker: records in order, the oldest removed past a count."""

import asyncio
from collections import deque
from collections.abc import Sequence

from broker.ports import Message, Partition, Record, RecordsLost


class PartitionLog:
    """Offsets are never reused: `first` and `next` only grow. Appends set the `listeners`; `retention` records stay."""

    def __init__(
        self, partition: Partition, retention: int, *, records: Sequence[Record] = (), next_offset: int = 0
    ) -> None:
        self.partition = partition
        self.listeners: set[asyncio.Event] = set()
        self._retention = retention
        self._records = deque(records)
        self._next = next_offset

    @property
    def first(self) -> int:
        """The offset of the oldest record, or `next` if there is none."""
        return self._next - len(self._records)

    @property
    def next(self) -> int:
        """The offset of the next record."""
        return self._next

    def append(self, message: Message, timestamp_ms: int) -> Record:
        """Append a message and wake the listeners."""
        record = self.build(message, timestamp_ms, self._next)
        self.add(record)
        return record

    def build(self, message: Message, timestamp_ms: int, offset: int) -> Record:
        """Return the record that `message` becomes at `offset`."""
        return Record(
            topic=self.partition.topic,
            partition=self.partition.number,
            offset=offset,
            key=message.key,
            value=message.value,
            headers=message.headers,
            timestamp_ms=timestamp_ms,
        )

    def add(self, record: Record) -> None:
        """Append a record whose offset is `next`, and wake the listeners."""
        self._records.append(record)
        self._next += 1
        if len(self._records) > self._retention:
            self._records.popleft()
        for listener in self.listeners:
            listener.set()

    def delete_before(self, offset: int) -> None:
        """Delete the records below `offset`."""
        while self._records and self._records[0].offset < offset:
            self._records.popleft()

    def read(self, offset: int, limit: int) -> Sequence[Record]:
        """Return up to `limit` records from `offset`, which is at least `first`."""
        start = offset - self.first
        end = min(start + limit, len(self._records))
        return [self._records[index] for index in range(start, end)]

    def offset_at(self, timestamp_ms: int) -> int:
        """Return the first offset of that time or later, or `next`."""
        return next((r.offset for r in self._records if r.timestamp_ms >= timestamp_ms), self._next)

    def find_loss(self, position: int) -> RecordsLost | None:
        """Return the error to raise when retention passed `position`; None if it did not."""
        if position >= self.first:
            return None
        topic, number = self.partition
        message = f"offsets {position} to {self.first - 1} were removed by retention before they were read"
        return RecordsLost(self.partition, self.first, f"{topic}/{number}: {message}")
