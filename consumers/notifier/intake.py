"""From a record of the watch events to what is to be delivered. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import ValidationError

from broker.ports import Record
from runtime.errors import Malformed
from schemas.events import WatchFired, read_watch_event
from schemas.requests import told


@dataclass(frozen=True, slots=True)
class Item:
    """One record, and the fire in it; None where it tells of something else, which nobody is notified of."""

    record: Record
    fire: WatchFired | None
    until: datetime
    """When it is no news any more."""


def read_item(record: Record, *, now: datetime, within: float) -> Item:
    """`within`: seconds from when a fire was published until it is given up. Raises Malformed."""
    until = record.sent_at(now) + timedelta(seconds=within)
    if record.value is None:
        return Item(record, None, until)
    try:
        event = read_watch_event(record.value)
    except ValidationError as error:
        raise Malformed(f"no watch event: {told(error)}") from None
    except OverflowError:  # a time at the edge of the calendar, moved to UTC
        raise Malformed("no watch event: a time is out of range") from None
    return Item(record, event if isinstance(event, WatchFired) else None, until)
