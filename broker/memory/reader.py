"""A reader of the in-process broker: whole topics, no group."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping

from broker.memory.log import PartitionLog
from broker.ports import Record

_AT_ONCE = 256


class MemoryReader:
    """Ends when the broker closes; `closed` tells whether it has."""

    def __init__(self, positions: Mapping[PartitionLog, int], closed: Callable[[], bool]) -> None:
        self._positions = dict(positions)
        self._stood = {log: log.next for log in positions}
        self._closed = closed
        self.wake = asyncio.Event()

    def __aiter__(self) -> AsyncIterator[Record]:
        return self._records()

    async def is_caught_up(self) -> bool:
        return all(self._positions[log] >= end for log, end in self._stood.items())

    async def _records(self) -> AsyncIterator[Record]:
        while not self._closed():
            self.wake.clear()
            read = 0
            for log in self._positions:
                for record in self._read(log):
                    read += 1
                    # Only now is it read: `caught_up` must not run ahead of whoever iterates.
                    self._positions[log] = record.offset + 1
                    yield record
            if not read:
                await self.wake.wait()

    def _read(self, log: PartitionLog) -> list[Record]:
        if lost := log.lost_before(self._positions[log]):
            self._positions[log] = log.first
            raise lost
        return list(log.read(self._positions[log], _AT_ONCE))
