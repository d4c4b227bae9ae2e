"""What can be done with dead letters: look, publish them again, delete them. Each call reads the topic once, whole."""

from collections import deque
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from typing import NamedTuple, Protocol

from broker.dead_letters.reading import DeadLetterAddress, DeadLetterRecord, read_dead_letters
from broker.ports import Broker, Partition
from runtime.errors import Malformed, StrandlineError
from schemas.topics import DEAD_LETTERS


class DeadLetterNotFound(StrandlineError):
    """Nothing lies at this address; the message says so."""


class ReplayResult(NamedTuple):
    """How many the broker has again, and what is wrong with those that nobody can publish."""

    published: int
    failed: Sequence[str]


class Span(NamedTuple):
    """Letters of one partition: how many, and the offsets of the first and the last."""

    partition: int
    first: int
    last: int
    letters: int


class DeadLetterStore(Protocol):
    """All raise Transient where the broker is away, and DeadLetterNotFound where nothing lies at an address."""

    async def newest(self, limit: int) -> tuple[Sequence[DeadLetterRecord], int]:
        """The newest `limit`, oldest first; and how many there are."""
        ...

    async def one(self, address: DeadLetterAddress) -> DeadLetterRecord: ...

    async def replay(self, address: DeadLetterAddress | None) -> ReplayResult:
        """Publish one (or all) again where it came from. The letter stays."""
        ...

    async def spans(self, up_to: DeadLetterAddress | None) -> Sequence[Span]:
        """What would go with this one: itself and all older ones of its partition; or everything."""
        ...

    async def drop(self, spans: Iterable[Span]) -> None:
        """Delete, for good, everything up to the last of each span."""
        ...


class BrokerDeadLetterStore:
    """The dead letters of a broker that this process is connected to."""

    def __init__(self, broker: Broker, *, topic: str = DEAD_LETTERS.name) -> None:
        self._broker = broker
        self._topic = topic

    async def newest(self, limit: int) -> tuple[Sequence[DeadLetterRecord], int]:
        newest: deque[DeadLetterRecord] = deque(maxlen=limit)
        total = 0
        async with aclosing(read_dead_letters(self._broker, topic=self._topic)) as found:
            async for letter in found:
                newest.append(letter)
                total += 1
        return sorted(newest, key=lambda letter: letter.record.timestamp_ms), total

    async def one(self, address: DeadLetterAddress) -> DeadLetterRecord:
        async with aclosing(read_dead_letters(self._broker, topic=self._topic)) as found:
            async for letter in found:
                if letter.address == address:
                    return letter
        raise DeadLetterNotFound(f"no letter lies at {address}")

    async def replay(self, address: DeadLetterAddress | None) -> ReplayResult:
        published, failed = 0, []
        async with aclosing(self._chosen(address)) as found:
            async for letter in found:
                try:
                    await self._broker.publish(letter.to_message())
                    published += 1
                except Malformed as error:
                    failed.append(str(error))
        return ReplayResult(published, failed)

    async def spans(self, up_to: DeadLetterAddress | None) -> Sequence[Span]:
        found: dict[int, list[int]] = {}
        async with aclosing(read_dead_letters(self._broker, topic=self._topic)) as lying:
            async for letter in lying:
                partition, offset = letter.address
                if up_to is None or (partition == up_to.partition and offset <= up_to.offset):
                    found.setdefault(partition, []).append(offset)
        if up_to is not None and up_to.offset not in found.get(up_to.partition, ()):
            raise DeadLetterNotFound(f"no letter lies at {up_to}")
        return [Span(number, min(at), max(at), len(at)) for number, at in sorted(found.items())]

    async def drop(self, spans: Iterable[Span]) -> None:
        ends: dict[Partition, int] = {}
        for span in spans:
            at = Partition(self._topic, span.partition)
            ends[at] = max(ends.get(at, 0), span.last + 1)
        await self._broker.delete_before(ends)

    async def _chosen(self, address: DeadLetterAddress | None) -> AsyncGenerator[DeadLetterRecord, None]:
        """One, or all that lie there now."""
        if address is not None:
            yield await self.one(address)
            return
        async with aclosing(read_dead_letters(self._broker, topic=self._topic)) as found:
            async for letter in found:
                yield letter
