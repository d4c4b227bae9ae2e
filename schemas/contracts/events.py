"""Lists the events with their topics, and builds the JSON Schema of each."""

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode

from schemas.candles.closed import CandleClosed
from schemas.candles.unchanged import AnalysisUnchanged
from schemas.events import AnalysisCompleted, AnalysisFailed, PriceTicked
from schemas.level_events import LEVEL_EVENTS
from schemas.requests import RequestBody
from schemas.topics import (
    CANDLES,
    FAILURES,
    LEVELS,
    PRICES,
    REQUESTS,
    RESULTS,
    UNCHANGED,
    WATCH_EVENTS,
    Topic,
)
from schemas.watch_events import WatchBlinded, WatchExpired, WatchFired, WatchSighted

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_MARKET_KEY = "the market key, such as binance:spot:BTCUSDT:1h"


@dataclass(frozen=True, slots=True)
class Event:
    """A payload with its topic.

    `key` describes the record's key. `correlation` is the field that links the event to what caused it. `is_traced`:
    it may have a `traceparent`. `mode` is validation if others write the event.
    """

    title: str
    model: type[BaseModel]
    topic: Topic
    key: str
    correlation: str | None = None
    is_traced: bool = True
    mode: JsonSchemaMode = "serialization"

    @property
    def name(self) -> str:
        return f"{self.title}.v1"


EVENTS = (
    # The schema of what publishers write, not of the request with defaults filled in.
    Event(
        "AnalysisRequested",
        RequestBody,
        REQUESTS,
        f"{_MARKET_KEY}; may be absent",
        correlation="request_id",
        mode="validation",
    ),
    Event("AnalysisCompleted", AnalysisCompleted, RESULTS, _MARKET_KEY, correlation="request_ids"),
    Event(
        "AnalysisFailed",
        AnalysisFailed,
        FAILURES,
        f"{_MARKET_KEY}; else the key of the request's record",
        correlation="request_ids",
    ),
    Event("PriceTicked", PriceTicked, PRICES, "exchange:market_type:symbol", is_traced=False),
    Event("CandleClosed", CandleClosed, CANDLES, "exchange:market_type:symbol", is_traced=False),
    Event("AnalysisUnchanged", AnalysisUnchanged, UNCHANGED, _MARKET_KEY),
    Event("WatchFired", WatchFired, WATCH_EVENTS, "the watch id", correlation="watch_id"),
    Event("WatchExpired", WatchExpired, WATCH_EVENTS, "the watch id", correlation="watch_id"),
    Event("WatchBlinded", WatchBlinded, WATCH_EVENTS, "the watch id", correlation="watch_id"),
    Event("WatchSighted", WatchSighted, WATCH_EVENTS, "the watch id", correlation="watch_id"),
    *(Event(event.__name__, event, LEVELS, _MARKET_KEY, correlation="level_id") for event in LEVEL_EVENTS),
)


def build_json_schema(event: Event) -> dict[str, Any]:
    """Return the self-contained schema of the payload."""
    schema = event.model.model_json_schema(mode=event.mode)
    return {"$schema": _DIALECT, "$id": f"urn:strandline:{event.name}"} | schema | {"title": event.title}
