"""The dead letter of a record that nobody can read: as it came, plus where it stood and why it is here."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from broker.ports import Message, Record
from schemas.topics import DEAD_LETTERS

PREFIX = "strandline_dl_"
VALUE_LEFT_OUT = "value"

_ERROR_LIMIT = 2_000  # characters; an error may quote the whole payload


def build_dead_letter(record: Record, error: str, at: datetime, *, topic: str = DEAD_LETTERS.name) -> Message:
    """Key, value and headers untouched; `strandline_dl_*` headers appended. `at` is when it was given up."""
    told = {
        "topic": record.topic,
        "partition": str(record.partition),
        "offset": str(record.offset),
        "error": error[:_ERROR_LIMIT],
        "time": at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    added = tuple((f"{PREFIX}{name}", text.encode()) for name, text in told.items())
    return Message(topic=topic, key=record.key, value=record.value, headers=record.headers + added)


def drop_value(letter: Message) -> Message:
    """For a record at the broker's limit, which our headers push past it: the headers say where the value stands."""
    note = (
        f"{PREFIX}{VALUE_LEFT_OUT}",
        b"left out: too large with these headers; read it at the offset given",
    )
    return replace(letter, value=None, headers=(*letter.headers, note))


def build_candidates(record: Record, error: str, at: datetime, *, topic: str) -> Iterator[Message]:
    """The letter, and what to send instead where the broker takes none of those before. It will take the last."""
    yield build_dead_letter(record, error, at, topic=topic)
    yield drop_value(build_dead_letter(record, error, at, topic=topic))
    # Made of nothing that came: no header of theirs is kept, not even one that is named like ours.
    nothing = replace(record, key=None, headers=())
    told = f"(key and headers left out as well: too large) {error}"
    yield drop_value(build_dead_letter(nothing, told, at, topic=topic))
