"""Operations on dead letters: list, replay, delete. Each call reads the whole topic once."""

from collections import deque
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from typing import NamedTuple, Protocol

from broker.dead_letters.reading import DeadLetterAddress, DeadLetterRecord, read_dead_letters
from broker.ports import Broker, Partition
from runtime.errors import Malformed, StrandlineError
from schemas.topics import DEAD_LETTERS


class DeadLetterNotFound(StrandlineError):
    """There is no dead letter at an address; the message names it."""


class ReplayResult(NamedTuple):
    """How many were published again, and why each of the others cannot be."""

    published: int
    failed: Sequence[str]


class DeadLetterRange(NamedTuple):
    """Dead letters of one partition: the offsets of the first and the last, and how many there are."""

    partition: int
    first: int
    last: int
    letters: int


class DeadLetterStore(Protocol):
    """All calls raise Transient while the broker is away; calls with an address raise DeadLetterNotFound."""

    async def list_newest(self, limit: int) -> tuple[Sequence[DeadLetterRecord], int]:
        """Return the newest `limit`, oldest first, and the total."""
        ...

    async def load(self, address: DeadLetterAddress) -> DeadLetterRecord:
        """Return the dead letter at `address`."""
        ...

    async def replay(self, address: DeadLetterAddress | None) -> ReplayResult:
        """Publish one (None: all) again on its source topic. The dead letter stays."""
        ...

    async def find_ranges(self, up_to: DeadLetterAddress | None) -> Sequence[DeadLetterRange]:
        """Return what a drop of `up_to` deletes: itself and all older ones of its partition (None: everything)."""
        ...

    async def drop(self, ranges: Iterable[DeadLetterRange]) -> None:
        """Delete everything up to the last of each range."""
        ...


class BrokerDeadLetterStore:
    """The dead letters of a broker that this process is connected to."""

    def __init__(self, broker: Broker, *, topic: str = DEAD_LETTERS.name) -> None:
        self._broker = broker
        self._topic = topic

    async def list_newest(self, limit: int) -> tuple[Sequence[DeadLetterRecord], int]:
        """Return the newest `limit`, oldest first, and the total."""
        newest: deque[DeadLetterRecord] = deque(maxlen=limit)
        total = 0
        async with aclosing(read_dead_letters(self._broker, topic=self._topic)) as stored:
            async for dead_letter in stored:
                newest.append(dead_letter)
                total += 1
        return sorted(newest, key=lambda dead_letter: dead_letter.record.timestamp_ms), total

    async def load(self, address: DeadLetterAddress) -> DeadLetterRecord:
        """Return the dead letter at `address`. Raises DeadLetterNotFound."""
        async with aclosing(read_dead_letters(self._broker, topic=self._topic)) as stored:
            async for dead_letter in stored:
                if dead_letter.address == address:
                    return dead_letter
        raise DeadLetterNotFound(f"no dead letter at {address}")

    async def replay(self, address: DeadLetterAddress | None) -> ReplayResult:
        """Publish one (None: all) again on its source topic. The dead letter stays."""
        published, failed = 0, []
        async with aclosing(self._select(address)) as selected:
            async for dead_letter in selected:
                try:
                    await self._broker.publish(dead_letter.to_message())
                    published += 1
                except Malformed as error:
                    failed.append(str(error))
        return ReplayResult(published, failed)

    async def find_ranges(self, up_to: DeadLetterAddress | None) -> Sequence[DeadLetterRange]:
        """Return what a drop of `up_to` deletes: itself and all older ones of its partition (None: everything)."""
        offsets: dict[int, list[int]] = {}
        async with aclosing(read_dead_letters(self._broker, topic=self._topic)) as stored:
            async for dead_letter in stored:
                partition, offset = dead_letter.address
                if up_to is None or (partition == up_to.partition and offset <= up_to.offset):
                    offsets.setdefault(partition, []).append(offset)
        if up_to is not None and up_to.offset not in offsets.get(up_to.partition, ()):
            raise DeadLetterNotFound(f"no dead letter at {up_to}")
        return [DeadLetterRange(number, min(at), max(at), len(at)) for number, at in sorted(offsets.items())]

    async def drop(self, ranges: Iterable[DeadLetterRange]) -> None:
        """Delete everything up to the last of each range."""
        ends: dict[Partition, int] = {}
        for each in ranges:
            partition = Partition(self._topic, each.partition)
            ends[partition] = max(ends.get(partition, 0), each.last + 1)
        await self._broker.delete_before(ends)

    async def _select(self, address: DeadLetterAddress | None) -> AsyncGenerator[DeadLetterRecord, None]:
        """Yield the one at `address`, or all."""
        if address is not None:
            yield await self.load(address)
            return
        async with aclosing(read_dead_letters(self._broker, topic=self._topic)) as stored:
            async for dead_letter in stored:
                yield dead_letter
