"""Decode a record of the results, the closes without change or the prices into what the tracker works on. Pure."""

from typing import NamedTuple

from pydantic import ValidationError

from broker.ports import Record
from consumers.event_types import check_event_type
from consumers.tracker.live import Tick
from runtime.errors import Malformed
from schemas.candles.unchanged import AnalysisUnchanged
from schemas.cloudevents import traceparent
from schemas.events import AnalysisCompleted, PriceTicked
from schemas.requests import format_validation_error
from schemas.topics import PRICES, UNCHANGED
from schemas.values import clamp_future, to_ms


class IncomingResult(NamedTuple):
    """A result, or what stands for one, and its trace; `event` is None for a record without value."""

    event: AnalysisCompleted | AnalysisUnchanged | None
    traceparent: str | None


class IncomingPrice(NamedTuple):
    """A price of `instrument`; `tick` is None for a record without value."""

    instrument: str
    tick: Tick | None


Incoming = IncomingResult | IncomingPrice


def decode(record: Record) -> Incoming:
    """Decode `record` by its topic. Raises Malformed, UnknownEventType."""
    return decode_price(record) if record.topic == PRICES.name else decode_result(record)


def decode_price(record: Record) -> IncomingPrice:
    """Decode a price; a time after that of its record, by more than clocks differ, is replaced by it."""
    if record.value is None:
        return IncomingPrice("", None)
    check_event_type(record.headers)
    try:
        event = PriceTicked.model_validate_json(record.value)
    except ValidationError as error:
        raise Malformed(f"no PriceTicked: {format_validation_error(error)}") from None
    except OverflowError:  # a time at the edge of the calendar, converted to UTC
        raise Malformed("no PriceTicked: a time is out of range") from None
    traded_at = to_ms(event.at)
    if record.timestamp_ms > 0:
        traded_at = clamp_future(traded_at, record.timestamp_ms)
    return IncomingPrice(event.key, Tick(event.price, traded_at))


def decode_result(record: Record) -> IncomingResult:
    """Decode `record`. Raises Malformed, UnknownEventType."""
    if record.value is None:
        return IncomingResult(None, None)
    check_event_type(record.headers)
    model = AnalysisUnchanged if record.topic == UNCHANGED.name else AnalysisCompleted
    try:
        event = model.model_validate_json(record.value)
    except ValidationError as error:
        raise Malformed(f"no {model.__name__}: {format_validation_error(error)}") from None
    except OverflowError:  # a time at the edge of the calendar, converted to UTC
        raise Malformed(f"no {model.__name__}: a time is out of range") from None
    return IncomingResult(event, traceparent(record.headers))
