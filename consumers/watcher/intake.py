"""From a record to a price. Pure."""

from datetime import datetime
from typing import NamedTuple

from pydantic import ValidationError

from consumers.watcher.watch import Tick
from runtime.broker.ports import Partition, Record
from runtime.errors import Malformed
from schemas.events import PriceTicked
from schemas.requests import told
from schemas.values import to_ms

_BEYOND_MS = 253_402_300_800_000
"""The year 10000: anybody may publish, with any clock."""


class Told(NamedTuple):
    """A price of the market `place`, and where it stands on its topic. `tick` is None for a record without value."""

    place: str
    tick: Tick | None
    partition: Partition
    offset: int
    sent_ms: int


def read_price(record: Record, now: datetime) -> Told:
    """`now` stands in for a time that the record lacks. Raises Malformed."""
    sent_ms = record.timestamp_ms if 0 < record.timestamp_ms < _BEYOND_MS else to_ms(now)
    if record.value is None:
        return Told("", None, record.source, record.offset, sent_ms)
    try:
        event = PriceTicked.model_validate_json(record.value)
    except ValidationError as error:
        raise Malformed(f"no PriceTicked: {told(error)}") from None
    except OverflowError:  # a time at the edge of the calendar, moved to UTC
        raise Malformed("no PriceTicked: a time is out of range") from None
    tick = Tick(event.price, to_ms(event.at), sent_ms)
    return Told(event.key, tick, record.source, record.offset, sent_ms)
