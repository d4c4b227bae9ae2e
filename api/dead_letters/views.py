"""Dead letters as the API shows them."""

from base64 import b64encode
from datetime import UTC, datetime

from broker.dead_letters.reading import DeadLetterRecord
from schemas.http.dead_letters import DeadLetter, DeadLetterHeader

BEGINNING = 256
"""Bytes of a value that a list shows."""


def shown(letter: DeadLetterRecord, most: int | None = None) -> DeadLetter:
    """With the first `most` bytes of its value, or all."""
    record = letter.record
    told = {name: letter.headers.get(name) for name in ("topic", "partition", "offset", "error", "time")}
    return DeadLetter(
        address=str(letter.address),
        **told,
        arrived_at=record.sent_at_or(datetime.fromtimestamp(0, UTC)),
        key=_written(record.key),
        value=_written(record.value, most),
        value_bytes=len(record.value or b""),
        headers=[DeadLetterHeader(name=name, value=_written(value) or "") for name, value in record.headers],
    )


def _written(data: bytes | None, most: int | None = None) -> str | None:
    return None if data is None else b64encode(data[:most]).decode()
