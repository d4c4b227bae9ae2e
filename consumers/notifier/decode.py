"""Decode a record of the watch-events topic into a fire to deliver. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import ValidationError

from broker.ports import Record
from consumers.event_types import check_event_type
from runtime.errors import Malformed
from schemas.events import WatchFired, read_watch_event
from schemas.requests import format_validation_error


@dataclass(frozen=True, slots=True)
class IncomingFire:
    """A record and its fire, which is undeliverable after `deadline`; None for any other event and for a tombstone."""

    record: Record
    fire: WatchFired | None
    deadline: datetime


def decode_fire(record: Record, *, now: datetime, within: float) -> IncomingFire:
    """Decode `record`; it may be delivered for `within` seconds after it was published.

    `now` replaces a missing publication time. Raises Malformed, UnknownEventType.
    """
    deadline = record.sent_at_or(now) + timedelta(seconds=within)
    if record.value is None:
        return IncomingFire(record, None, deadline)
    check_event_type(record.headers)
    try:
        event = read_watch_event(record.value)
    except ValidationError as error:
        raise Malformed(f"no watch event: {format_validation_error(error)}") from None
    except OverflowError:  # a time at the edge of the calendar, converted to UTC
        raise Malformed("no watch event: a time is out of range") from None
    return IncomingFire(record, event if isinstance(event, WatchFired) else None, deadline)
