"""From a record to a price. Pure."""

from datetime import datetime
from typing import NamedTuple

from pydantic import ValidationError

from broker.ports import Partition, Record
from consumers.watcher.watch import Tick
from runtime.errors import Malformed
from schemas.events import PriceTicked
from schemas.requests import format_validation_error
from schemas.values import clamp_future, to_ms

_APART_MS = 60_000
"""So far the clocks of our own house may be apart. But anybody may publish, with any clock."""


class Told(NamedTuple):
    """A price of the market `place`, and where it stands on its topic. `tick` is None for a record without value."""

    place: str
    tick: Tick | None
    partition: Partition
    offset: int
    sent_ms: int


def read_price(record: Record, now: datetime) -> Told:
    """`now` stands in for a time that the record lacks, or that is still to come. Raises Malformed.

    What the exchange is said to have said is measured by when the record was sent, so that it is the same whenever
    the record is read again.
    """
    now_ms = to_ms(now)
    sent_ms = (
        clamp_future(record.timestamp_ms, now_ms, ahead_ms=_APART_MS) if record.timestamp_ms > 0 else now_ms
    )
    if record.value is None:
        return Told("", None, record.source, record.offset, sent_ms)
    try:
        event = PriceTicked.model_validate_json(record.value)
    except ValidationError as error:
        raise Malformed(f"no PriceTicked: {format_validation_error(error)}") from None
    except OverflowError:  # a time at the edge of the calendar, moved to UTC
        raise Malformed("no PriceTicked: a time is out of range") from None
    tick = Tick(event.price, clamp_future(to_ms(event.at), sent_ms), sent_ms)
    return Told(event.key, tick, record.source, record.offset, sent_ms)
