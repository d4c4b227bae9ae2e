"""Decode a record of the watch-events topic into an event to deliver. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import ValidationError

from broker.ports import Record
from consumers.event_types import check_event_type
from consumers.notifier.message_text import Notification
from runtime.errors import Malformed
from schemas.requests import format_validation_error
from schemas.watch_events import read_watch_event


@dataclass(frozen=True, slots=True)
class IncomingEvent:
    """A record and its event, which is undeliverable after `deadline`; None for one that is not to be delivered."""

    record: Record
    event: Notification | None
    deadline: datetime
    published_at: datetime


def decode_watch_event(
    record: Record, *, now: datetime, within: float, types: Collection[str] = ("fired",)
) -> IncomingEvent:
    """Decode `record`; it may be delivered for `within` seconds after it was published.

    `types`: of the events to deliver. `now` replaces a missing publication time. Raises Malformed, UnknownEventType.
    """
    published_at = record.sent_at_or(now)
    deadline = published_at + timedelta(seconds=within)
    if record.value is None:
        return IncomingEvent(record, None, deadline, published_at)
    check_event_type(record.headers)
    try:
        event = read_watch_event(record.value)
    except ValidationError as error:
        raise Malformed(f"no watch event: {format_validation_error(error)}") from None
    except OverflowError:  # a time at the edge of the calendar, converted to UTC
        raise Malformed("no watch event: a time is out of range") from None
    return IncomingEvent(record, event if event.type in types else None, deadline, published_at)
