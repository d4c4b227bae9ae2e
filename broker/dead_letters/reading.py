"""Dead letters read again: what lies there, why, and the message that each once was."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from broker.dead_letters.message import PREFIX, VALUE_LEFT_OUT
from broker.ports import Broker, Edge, Message, Record
from runtime.errors import Malformed, Transient
from schemas.topics import DEAD_LETTERS

_LONGEST_SILENCE = 30.0
"""Seconds that the next letter may take."""


class DeadLetterAddress(NamedTuple):
    """Where a letter lies on the topic of dead letters; written `3:42`."""

    partition: int
    offset: int

    @classmethod
    def parse(cls, written: str) -> "DeadLetterAddress":
        """Raises ValueError."""
        partition, _, offset = written.partition(":")
        if not (partition.isdecimal() and offset.isdecimal()):
            raise ValueError(f"{written!r} is no address like 3:42 (partition, offset); `list` shows them")
        return cls(int(partition), int(offset))

    def __str__(self) -> str:
        return f"{self.partition}:{self.offset}"


@dataclass(frozen=True, slots=True)
class DeadLetterRecord:
    """`headers` is what we added to it (topic, partition, offset, error, time); empty for what others put there."""

    record: Record
    headers: dict[str, str]

    @classmethod
    def of(cls, record: Record) -> "DeadLetterRecord":
        added = {
            name.removeprefix(PREFIX): value.decode(errors="replace")
            for name, value in record.headers
            if name.startswith(PREFIX)
        }
        return cls(record, added)

    @property
    def address(self) -> DeadLetterAddress:
        return DeadLetterAddress(self.record.partition, self.record.offset)

    def to_message(self) -> Message:
        """What it was before it died, for the topic it came from. Raises Malformed where that is not known."""
        if "topic" not in self.headers:
            raise Malformed(f"{self.address} does not say which topic it came from: nothing of ours wrote it")
        if VALUE_LEFT_OUT in self.headers:
            raise Malformed(
                f"{self.address} has no value (it was too large): read it at its source, if it is there"
            )
        headers = tuple(pair for pair in self.record.headers if not pair[0].startswith(PREFIX))
        return Message(self.headers["topic"], self.record.key, self.record.value, headers)


async def read_dead_letters(
    broker: Broker, start: Edge | datetime = Edge.BEGINNING, *, topic: str = DEAD_LETTERS.name
) -> AsyncGenerator[DeadLetterRecord, None]:
    """Every letter from `start` to what lies there now. Raises Transient, RecordsLost."""
    async with broker.read([topic], start) as reader:
        records = aiter(reader)
        while True:
            try:
                async with asyncio.timeout(_LONGEST_SILENCE):
                    if await reader.is_caught_up():
                        return
                    record = await anext(records)
            except TimeoutError:
                raise Transient(f"{topic}: no broker answered within {_LONGEST_SILENCE:g} s") from None
            yield DeadLetterRecord.of(record)
