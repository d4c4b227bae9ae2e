"""From a record to what the tables should say about it. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from broker.ports import Record
from runtime.errors import Malformed
from schemas.events import (
    AnalysisCompleted,
    AnalysisFailed,
    WatchExpired,
    WatchFired,
    read_watch_event,
)
from schemas.requests import AnalysisRequested, made_id, told
from schemas.topics import CONSUMED, REQUESTS, RESULTS, SINK_GROUP, WATCH_EVENTS

TOPICS = CONSUMED[SINK_GROUP]

E = TypeVar("E", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Queued:
    """A request on its way since `at`."""

    request: AnalysisRequested
    at: datetime


@dataclass(frozen=True, slots=True)
class Item:
    """One record, and the news in it; None where there is none for the tables."""

    record: Record
    news: AnalysisCompleted | AnalysisFailed | WatchFired | WatchExpired | Queued | None


def read_item(record: Record, *, exchange: str, now: datetime) -> Item:
    """`exchange` is the default of requests; `now` stands in for a time that the record lacks.

    Raises Malformed for a result, failure or watch event that can't be read.
    """
    if record.topic == REQUESTS.name:
        return Item(record, _queued(record, exchange, now))
    if record.value is None:
        # A tombstone takes a market off the compacted topic. Rows are not taken back.
        return Item(record, None)
    if record.topic == RESULTS.name:
        return Item(record, _event("AnalysisCompleted", AnalysisCompleted.model_validate_json, record.value))
    if record.topic == WATCH_EVENTS.name:
        return Item(record, _event("watch event", read_watch_event, record.value))
    return Item(record, _event("AnalysisFailed", AnalysisFailed.model_validate_json, record.value))


def _event(name: str, read: Callable[[bytes], E], value: bytes) -> E:
    try:
        return read(value)
    except ValidationError as error:
        raise Malformed(f"no {name}: {told(error)}") from None
    except OverflowError:  # a time at the edge of the calendar, moved to UTC
        raise Malformed(f"no {name}: a time is out of range") from None


def _queued(record: Record, exchange: str, now: datetime) -> Queued | None:
    """What is no request is None: the analyzer answers it, with a failure (which ends the job) or a dead letter."""
    made = made_id(record.topic, record.partition, record.offset)
    at = record.sent_at_or(now)
    try:
        payload = from_json(record.value or b"", allow_inf_nan=False)
        if not isinstance(payload, dict):
            return None
        return Queued(AnalysisRequested.read(payload, exchange=exchange, request_id=made, at=at), at)
    except (ValueError, OverflowError):
        return None
