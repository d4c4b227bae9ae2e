"""One partition of the in-process broker: records in order, the oldest given up past a count."""

import asyncio
from collections import deque
from collections.abc import Sequence

from broker.ports import Message, Partition, Record, RecordsLost


class PartitionLog:
    """Offsets never come again: `first` and `next` only grow. `listeners` are set at every append."""

    def __init__(self, partition: Partition, kept: int) -> None:
        self.partition = partition
        self.listeners: set[asyncio.Event] = set()
        self._kept = kept
        self._records: deque[Record] = deque()
        self._next = 0

    @property
    def first(self) -> int:
        return self._next - len(self._records)

    @property
    def next(self) -> int:
        return self._next

    def append(self, message: Message, timestamp_ms: int) -> Record:
        record = Record(
            topic=self.partition.topic,
            partition=self.partition.number,
            offset=self._next,
            key=message.key,
            value=message.value,
            headers=message.headers,
            timestamp_ms=timestamp_ms,
        )
        self._records.append(record)
        self._next += 1
        if len(self._records) > self._kept:
            self._records.popleft()
        for listener in self.listeners:
            listener.set()
        return record

    def delete_before(self, offset: int) -> None:
        while self._records and self._records[0].offset < offset:
            self._records.popleft()

    def read(self, offset: int, limit: int) -> Sequence[Record]:
        """Up to `limit` records from `offset`, which is at least `first`."""
        start = offset - self.first
        end = min(start + limit, len(self._records))
        return [self._records[index] for index in range(start, end)]

    def offset_at(self, timestamp_ms: int) -> int:
        """The first offset of that time or later, or `next`."""
        return next((r.offset for r in self._records if r.timestamp_ms >= timestamp_ms), self._next)

    def lost_before(self, position: int) -> RecordsLost | None:
        """What to raise when retention overtook `position`; None if it did not."""
        if position >= self.first:
            return None
        topic, number = self.partition
        told = f"offsets {position} to {self.first - 1} were removed by retention before they were read"
        return RecordsLost(self.partition, self.first, f"{topic}/{number}: {told}")
