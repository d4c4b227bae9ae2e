"""A reader of whole topics of the in-process broker, without a group."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping

from broker.memory.log import PartitionLog
from broker.ports import Record

_BATCH_RECORDS = 256


class MemoryReader:
    """Ends when the broker closes; `is_closed` returns whether it has."""

    def __init__(self, positions: Mapping[PartitionLog, int], is_closed: Callable[[], bool]) -> None:
        self._positions = dict(positions)
        self._ends = {log: log.next for log in positions}
        self._is_closed = is_closed
        self.wake = asyncio.Event()

    def __aiter__(self) -> AsyncIterator[Record]:
        return self._records()

    async def is_caught_up(self) -> bool:
        """Return whether every record that was on the topics at opening has been read."""
        return all(self._positions[log] >= end for log, end in self._ends.items())

    async def _records(self) -> AsyncIterator[Record]:
        while not self._is_closed():
            self.wake.clear()
            read = 0
            for log in self._positions:
                for record in self._read(log):
                    read += 1
                    # Only now does it count as read: `is_caught_up` must not run ahead of the iteration.
                    self._positions[log] = record.offset + 1
                    yield record
            if not read:
                await self.wake.wait()

    def _read(self, log: PartitionLog) -> list[Record]:
        if lost := log.find_loss(self._positions[log]):
            self._positions[log] = log.first
            raise lost
        return list(log.read(self._positions[log], _BATCH_RECORDS))
