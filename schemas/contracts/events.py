"""Which events there are, on which topic, and the JSON Schema of each."""

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode

from schemas.events import AnalysisCompleted, AnalysisFailed, PriceTicked, WatchExpired, WatchFired
from schemas.requests import RequestBody
from schemas.topics import FAILURES, PRICES, REQUESTS, RESULTS, WATCH_EVENTS, Topic

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_MARKET_KEY = "the market key, such as binance:spot:BTCUSDT:1h"


@dataclass(frozen=True, slots=True)
class Event:
    """A payload and its place. `key` says what the record's key is; `mode` whether others write it, or we do."""

    title: str
    model: type[BaseModel]
    topic: Topic
    key: str
    mode: JsonSchemaMode = "serialization"

    @property
    def name(self) -> str:
        return f"{self.title}.v1"


EVENTS = (
    # The schema of what publishers write, not of the settled request that we make of it.
    Event("AnalysisRequested", RequestBody, REQUESTS, f"{_MARKET_KEY}; may be absent", "validation"),
    Event("AnalysisCompleted", AnalysisCompleted, RESULTS, _MARKET_KEY),
    Event("AnalysisFailed", AnalysisFailed, FAILURES, f"{_MARKET_KEY}; else the request's own, as it came"),
    Event("PriceTicked", PriceTicked, PRICES, "exchange:market_type:symbol"),
    Event("WatchFired", WatchFired, WATCH_EVENTS, "the watch id"),
    Event("WatchExpired", WatchExpired, WATCH_EVENTS, "the watch id"),
)


def build_json_schema(event: Event) -> dict[str, Any]:
    """The payload's schema, standing alone."""
    schema = event.model.model_json_schema(mode=event.mode)
    return {"$schema": _DIALECT, "$id": f"urn:strandline:{event.name}"} | schema | {"title": event.title}
