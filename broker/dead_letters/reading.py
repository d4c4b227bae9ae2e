"""Reads dead letters: what was dead-lettered, why, and the message it was before."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from broker.dead_letters.message import PREFIX, VALUE_LEFT_OUT
from broker.ports import Broker, Edge, Message, Record
from runtime.errors import Malformed, Transient
from schemas.topics import DEAD_LETTERS

_READ_TIMEOUT = 30.0
"""Seconds that the next record may take."""


class DeadLetterAddress(NamedTuple):
    """The position of a dead letter on its topic; written `3:42`."""

    partition: int
    offset: int

    @classmethod
    def parse(cls, text: str) -> "DeadLetterAddress":
        """Parse `partition:offset`. Raises ValueError."""
        partition, _, offset = text.partition(":")
        if not (partition.isdecimal() and offset.isdecimal()):
            raise ValueError(f"{text!r} is no address like 3:42 (partition, offset); `list` shows them")
        return cls(int(partition), int(offset))

    def __str__(self) -> str:
        return f"{self.partition}:{self.offset}"


@dataclass(frozen=True, slots=True)
class DeadLetterRecord:
    """A dead letter as stored. `headers` are ours (topic, partition, offset, error, time); none if others wrote it."""

    record: Record
    headers: dict[str, str]

    @classmethod
    def of(cls, record: Record) -> "DeadLetterRecord":
        """Read our headers from `record`."""
        headers = {
            name.removeprefix(PREFIX): value.decode(errors="replace")
            for name, value in record.headers
            if name.startswith(PREFIX)
        }
        return cls(record, headers)

    @property
    def address(self) -> DeadLetterAddress:
        """Where it is on the topic of dead letters."""
        return DeadLetterAddress(self.record.partition, self.record.offset)

    def to_message(self) -> Message:
        """Return the message it was before, for its source topic. Raises Malformed where that cannot be known."""
        if "topic" not in self.headers:
            raise Malformed(
                f"{self.address} does not name its source topic: it was not written by Strandline"
            )
        if VALUE_LEFT_OUT in self.headers:
            raise Malformed(
                f"{self.address} has no value (it was too large): read it at its source, if it is still there"
            )
        headers = tuple(pair for pair in self.record.headers if not pair[0].startswith(PREFIX))
        return Message(self.headers["topic"], self.record.key, self.record.value, headers)


async def read_dead_letters(
    broker: Broker, start: Edge | datetime = Edge.BEGINNING, *, topic: str = DEAD_LETTERS.name
) -> AsyncGenerator[DeadLetterRecord, None]:
    """Yield every dead letter from `start` to the end of the topic as it is now. Raises Transient, RecordsLost."""
    async with broker.read([topic], start) as reader:
        records = aiter(reader)
        while True:
            try:
                async with asyncio.timeout(_READ_TIMEOUT):
                    if await reader.is_caught_up():
                        return
                    record = await anext(records)
            except TimeoutError:
                raise Transient(f"{topic}: no broker answered within {_READ_TIMEOUT:g} s") from None
            yield DeadLetterRecord.of(record)
