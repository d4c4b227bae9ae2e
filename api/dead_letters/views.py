"""Response bodies built from dead letters. Pure."""

from base64 import b64encode
from datetime import UTC, datetime

from broker.dead_letters.reading import DeadLetterRecord
from schemas.http.dead_letters import DeadLetter, DeadLetterHeader

PREVIEW_BYTES = 256
"""Bytes of a value that a list shows."""

_SOURCE_FIELDS = ("topic", "partition", "offset", "error", "time")


def to_dead_letter(letter: DeadLetterRecord, max_bytes: int | None = None) -> DeadLetter:
    """Convert a dead letter, with the first `max_bytes` of its value or all of it."""
    record = letter.record
    source = {name: letter.headers.get(name) for name in _SOURCE_FIELDS}
    return DeadLetter(
        address=str(letter.address),
        **source,
        arrived_at=record.sent_at_or(datetime.fromtimestamp(0, UTC)),
        key=_encode(record.key),
        value=_encode(record.value, max_bytes),
        value_bytes=len(record.value or b""),
        headers=[DeadLetterHeader(name=name, value=_encode(value) or "") for name, value in record.headers],
    )


def _encode(data: bytes | None, max_bytes: int | None = None) -> str | None:
    return None if data is None else b64encode(data[:max_bytes]).decode()
