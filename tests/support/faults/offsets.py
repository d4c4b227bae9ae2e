"""Reads committed offsets from the broker, and counts those that go back."""

import asyncio
from collections.abc import Mapping
from typing import Protocol

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from broker.memory.broker import MemoryBroker
from broker.ports import Partition

_POLL_SECONDS = 1.0


class Offsets(Protocol):
    async def committed(self, group: str) -> Mapping[Partition, int]:
        """Return the next offset to read by partition. Raises OSError or KafkaError while the broker is down."""
        ...


class KafkaOffsets:
    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap

    async def committed(self, group: str) -> Mapping[Partition, int]:
        admin = AIOKafkaAdminClient(bootstrap_servers=self._bootstrap, request_timeout_ms=30_000)
        try:
            await admin.start()
            offsets = await admin.list_consumer_group_offsets(group)
        finally:
            await admin.close()
        return {
            Partition(at.topic, at.partition): meta.offset for at, meta in offsets.items() if meta.offset >= 0
        }


class MemoryOffsets:
    def __init__(self, broker: MemoryBroker) -> None:
        self._broker = broker

    async def committed(self, group: str) -> Mapping[Partition, int]:
        return self._broker.committed(group)


class RewindCounter:
    """Polls the committed offsets; `rewinds` counts those that are lower than before."""

    def __init__(self, offsets: Offsets, *groups: str) -> None:
        self._offsets = offsets
        self._groups = groups
        self._highest: dict[tuple[str, Partition], int] = {}
        self.rewinds = 0

    async def run(self) -> None:
        while True:
            try:
                for group in self._groups:
                    self.record(group, await self._offsets.committed(group))
            except (KafkaError, OSError, TimeoutError):
                pass  # the broker is down, as part of the fault
            await asyncio.sleep(_POLL_SECONDS)

    def record(self, group: str, committed: Mapping[Partition, int]) -> None:
        for partition, offset in committed.items():
            before = self._highest.get((group, partition), 0)
            self.rewinds += offset < before
            self._highest[group, partition] = max(before, offset)
