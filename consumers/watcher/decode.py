"""Decode a record of the prices topic into a tick. Pure."""

from datetime import datetime
from typing import NamedTuple

from pydantic import ValidationError

from broker.ports import Partition, Record
from consumers.event_types import check_event_type
from consumers.watcher.watch import Tick
from runtime.errors import Malformed
from schemas.events import PriceTicked
from schemas.requests import format_validation_error
from schemas.values import clamp_future, to_ms

_MAX_CLOCK_SKEW_MS = 60_000
"""Skew allowed between clocks of our own hosts. Other publishers may have any clock."""


class IncomingPrice(NamedTuple):
    """A price of `instrument` and its offset; `tick` is None for a record without value. `published_at` is in ms."""

    instrument: str
    tick: Tick | None
    partition: Partition
    offset: int
    published_at: int


def decode_price(record: Record, now: datetime) -> IncomingPrice:
    """Decode `record`; `now` replaces a publication time that is missing or in the future.

    A trade time in the future is replaced by the publication time, not by `now`, so that a replay decodes to the same.
    Raises Malformed, UnknownEventType.
    """
    now_ms = to_ms(now)
    published_at = (
        clamp_future(record.timestamp_ms, now_ms, ahead_ms=_MAX_CLOCK_SKEW_MS)
        if record.timestamp_ms > 0
        else now_ms
    )
    if record.value is None:
        return IncomingPrice("", None, record.source, record.offset, published_at)
    check_event_type(record.headers)
    try:
        event = PriceTicked.model_validate_json(record.value)
    except ValidationError as error:
        raise Malformed(f"no PriceTicked: {format_validation_error(error)}") from None
    except OverflowError:  # a time at the edge of the calendar, converted to UTC
        raise Malformed("no PriceTicked: a time is out of range") from None
    tick = Tick(event.price, clamp_future(to_ms(event.at), published_at), published_at)
    return IncomingPrice(event.key, tick, record.source, record.offset, published_at)
