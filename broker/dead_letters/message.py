"""The dead letter of an unprocessable record: the record as it came, plus its position and the error as headers."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from broker.ports import Message, Record
from schemas.topics import DEAD_LETTERS

PREFIX = "strandline_dl_"
VALUE_LEFT_OUT = "value"

_MAX_ERROR_CHARS = 2_000  # an error may quote the whole payload


def build_dead_letter(record: Record, error: str, at: datetime, *, topic: str = DEAD_LETTERS.name) -> Message:
    """Build the dead letter: key, value and headers unchanged, `strandline_dl_*` headers appended.

    `at` is when the record was dead-lettered.
    """
    fields = {
        "topic": record.topic,
        "partition": str(record.partition),
        "offset": str(record.offset),
        "error": error[:_MAX_ERROR_CHARS],
        "time": at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    added = tuple((f"{PREFIX}{name}", text.encode()) for name, text in fields.items())
    return Message(topic=topic, key=record.key, value=record.value, headers=record.headers + added)


def drop_value(dead_letter: Message) -> Message:
    """Leave out the value of a record that our headers push past the broker's limit; they name its source."""
    note = (
        f"{PREFIX}{VALUE_LEFT_OUT}",
        b"left out: too large with these headers; read it at the offset given",
    )
    return replace(dead_letter, value=None, headers=(*dead_letter.headers, note))


def build_candidates(record: Record, error: str, at: datetime, *, topic: str) -> Iterator[Message]:
    """Yield the dead letter, then smaller ones for a broker that finds it too large. Every broker accepts the last."""
    yield build_dead_letter(record, error, at, topic=topic)
    yield drop_value(build_dead_letter(record, error, at, topic=topic))
    # Without any header of the record, not even one whose name begins like ours.
    bare = replace(record, key=None, headers=())
    message = f"(key and headers left out as well: too large) {error}"
    yield drop_value(build_dead_letter(bare, message, at, topic=topic))
