"""CloudEvents 1.0 in the Kafka binding's binary mode: attributes in headers, the JSON payload alone in the value."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter, ValidationError

from schemas.values import Time

Headers = tuple[tuple[str, bytes], ...]
_TIME = TypeAdapter(Time)
_CONTENT_TYPE = ("content-type", b"application/json")


@dataclass(frozen=True, slots=True)
class Attributes:
    """The CloudEvents attributes of an event. `subject`: the market key; `traceparent`: W3C's."""

    id: str
    type: str
    source: str
    time: datetime
    subject: str | None = None
    traceparent: str | None = None


def to_headers(attributes: Attributes) -> Headers:
    """Return the Kafka headers of an event; None values are left out."""
    named = {
        "ce_specversion": "1.0",
        "ce_id": attributes.id,
        "ce_type": attributes.type,
        "ce_source": attributes.source,
        "ce_time": _TIME.dump_python(attributes.time, mode="json"),
        "ce_subject": attributes.subject,
        "traceparent": attributes.traceparent,
    }
    return (*((name, value.encode()) for name, value in named.items() if value is not None), _CONTENT_TYPE)


def from_headers(headers: Iterable[tuple[str, bytes]]) -> Attributes | None:
    """Return the attributes in a record's headers; None for a record that is no CloudEvent, such as plain JSON."""
    named = {name: value for name, value in headers if value is not None}
    try:
        if named["ce_specversion"] != b"1.0":
            return None
        return Attributes(
            id=named["ce_id"].decode(),
            type=named["ce_type"].decode(),
            source=named["ce_source"].decode(),
            time=_TIME.validate_python(named["ce_time"].decode()),
            subject=named["ce_subject"].decode() if "ce_subject" in named else None,
            traceparent=traceparent(headers),
        )
    except (KeyError, UnicodeDecodeError, ValidationError):
        return None


def traceparent(headers: Iterable[tuple[str, bytes]]) -> str | None:
    """Return the `traceparent` of a record, which need not be a CloudEvent."""
    for name, value in headers:
        if name == "traceparent" and value:
            return value.decode(errors="replace")
    return None
