"""Committed offsets, as the broker tells them; and someone who watches that none goes back."""

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
        """The offset to read next. Raises OSError or KafkaError while the broker is away."""
        ...


class KafkaOffsets:
    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap

    async def committed(self, group: str) -> Mapping[Partition, int]:
        admin = AIOKafkaAdminClient(bootstrap_servers=self._bootstrap, request_timeout_ms=30_000)
        try:
            await admin.start()
            told = await admin.list_consumer_group_offsets(group)
        finally:
            await admin.close()
        return {
            Partition(at.topic, at.partition): meta.offset for at, meta in told.items() if meta.offset >= 0
        }


class MemoryOffsets:
    def __init__(self, broker: MemoryBroker) -> None:
        self._broker = broker

    async def committed(self, group: str) -> Mapping[Partition, int]:
        return self._broker.committed(group)


class RewindCounter:
    """Looks again and again; `rewound` counts the offsets that stood lower than before."""

    def __init__(self, offsets: Offsets, *groups: str) -> None:
        self._offsets = offsets
        self._groups = groups
        self._highest: dict[tuple[str, Partition], int] = {}
        self.rewound = 0

    async def run(self) -> None:
        while True:
            try:
                for group in self._groups:
                    self.saw(group, await self._offsets.committed(group))
            except (KafkaError, OSError, TimeoutError):
                pass  # the broker is away; that is what the round is about
            await asyncio.sleep(_POLL_SECONDS)

    def saw(self, group: str, committed: Mapping[Partition, int]) -> None:
        for partition, offset in committed.items():
            before = self._highest.get((group, partition), 0)
            self.rewound += offset < before
            self._highest[group, partition] = max(before, offset)
