"""Decode a record of one of the sink's topics into an event for the tables. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from broker.ports import Record
from consumers.event_types import check_event_type
from levels import Params
from runtime.errors import Malformed
from schemas.candles.unchanged import AnalysisUnchanged
from schemas.events import AnalysisCompleted, AnalysisFailed
from schemas.level_events import AnyLevelEvent, read_level_event
from schemas.request_envelope import open_envelope
from schemas.requests import AnalysisRequested, default_request_id, format_validation_error
from schemas.topics import (
    FAILURES,
    GROUP_TOPICS,
    LEVELS,
    REQUESTS,
    RESULTS,
    SINK_GROUP,
    UNCHANGED,
    WATCH_EVENTS,
)
from schemas.watch_events import AnyWatchEvent, read_watch_event

TOPICS = GROUP_TOPICS[SINK_GROUP]

OutcomeEvent = AnalysisCompleted | AnalysisUnchanged | AnalysisFailed | AnyWatchEvent | AnyLevelEvent

E = TypeVar("E", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class QueuedRequest:
    """A request and when it was published."""

    request: AnalysisRequested
    queued_at: datetime


@dataclass(frozen=True, slots=True)
class SinkEvent:
    """A record and its event; None for a record that changes no table."""

    record: Record
    event: OutcomeEvent | QueuedRequest | None


_READERS: Mapping[str, tuple[str, Callable[[bytes], OutcomeEvent]]] = {
    RESULTS.name: ("AnalysisCompleted", AnalysisCompleted.model_validate_json),
    UNCHANGED.name: ("AnalysisUnchanged", AnalysisUnchanged.model_validate_json),
    FAILURES.name: ("AnalysisFailed", AnalysisFailed.model_validate_json),
    WATCH_EVENTS.name: ("watch event", read_watch_event),
    LEVELS.name: ("level event", read_level_event),
}
"""Topic -> what its events are called, and what reads them."""


def decode_event(record: Record, *, exchange: str, now: datetime) -> SinkEvent:
    """Decode `record`. Raises Malformed for an invalid result, failure, watch or level event, and UnknownEventType.

    `exchange` is the default of requests; `now` replaces a missing publication time.
    """
    if record.topic == REQUESTS.name:
        return SinkEvent(record, _decode_request(record, exchange, now))
    if record.value is None:
        # A tombstone removes a market from the compacted topic. Its row stays.
        return SinkEvent(record, None)
    check_event_type(record.headers)
    name, read = _READERS[record.topic]
    return SinkEvent(record, _validate(name, read, record.value))


def _validate(name: str, validate: Callable[[bytes], E], value: bytes) -> E:
    try:
        return validate(value)
    except ValidationError as error:
        raise Malformed(f"no {name}: {format_validation_error(error)}") from None
    except OverflowError:  # a time at the edge of the calendar, converted to UTC
        raise Malformed(f"no {name}: a time is out of range") from None


def _decode_request(record: Record, exchange: str, now: datetime) -> QueuedRequest | None:
    """Return None for an invalid request: the analyzer answers it with a failure event or a dead letter."""
    default_id = default_request_id(record.topic, record.partition, record.offset)
    queued_at = record.sent_at_or(now)
    try:
        payload = from_json(record.value or b"", allow_inf_nan=False)
        if not isinstance(payload, dict):
            return None
        body = open_envelope(payload, record.headers)
        request = AnalysisRequested.read(body, exchange=exchange, request_id=default_id, at=queued_at)
        # Checked as the analyzer does: what it refuses may be what a JSON column refuses, and is never stored.
        Params.from_dict(request.params)
    except (ValueError, OverflowError):
        return None
    return QueuedRequest(request, queued_at)
