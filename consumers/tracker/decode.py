"""Decode a record of the results topic into what the tracker works on. Pure."""

from typing import NamedTuple

from pydantic import ValidationError

from broker.ports import Record
from consumers.event_types import check_event_type
from runtime.errors import Malformed
from schemas.cloudevents import traceparent
from schemas.events import AnalysisCompleted
from schemas.requests import format_validation_error


class IncomingResult(NamedTuple):
    """A result and its trace; `event` is None for a record without value."""

    event: AnalysisCompleted | None
    traceparent: str | None


def decode_result(record: Record) -> IncomingResult:
    """Decode `record`. Raises Malformed, UnknownEventType."""
    if record.value is None:
        return IncomingResult(None, None)
    check_event_type(record.headers)
    try:
        event = AnalysisCompleted.model_validate_json(record.value)
    except ValidationError as error:
        raise Malformed(f"no AnalysisCompleted: {format_validation_error(error)}") from None
    except OverflowError:  # a time at the edge of the calendar, converted to UTC
        raise Malformed("no AnalysisCompleted: a time is out of range") from None
    return IncomingResult(event, traceparent(record.headers))
