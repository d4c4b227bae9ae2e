"""Topics with their retention, consumer groups, and the encoding of events into records."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from pydantic import BaseModel

from schemas.candles.closed import CandleClosed
from schemas.candles.unchanged import AnalysisUnchanged
from schemas.cloudevents import Attributes, Headers, to_headers
from schemas.events import AnalysisCompleted, AnalysisFailed, PriceTicked
from schemas.level_events import AnyLevelEvent
from schemas.market import instrument_key
from schemas.requests import AnalysisRequested
from schemas.watch_events import AnyWatchEvent

_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic; `config` has Kafka's own names. `memory_retention`: records per partition of the in-process broker.

    `durable`: the in-process broker stores it as well, because what is on it is kept nowhere else and was promised.
    """

    name: str
    config: dict[str, str] = field(default_factory=dict)
    memory_retention: int = 100_000
    durable: bool = False


def _retention_config(days: float, **more: str) -> dict[str, str]:
    settings = {"cleanup.policy": "delete", "retention.ms": str(int(days * _DAY_MS))}
    return settings | {name.replace("_", "."): value for name, value in more.items()}


REQUESTS = Topic("strandline.requests.v1", _retention_config(days=7))
RESULTS = Topic(
    "strandline.results.v1",
    {"cleanup.policy": "compact", "min.compaction.lag.ms": str(7 * _DAY_MS), "segment.ms": str(3_600_000)},
    memory_retention=5_000,  # a result has a few kilobytes
)
FAILURES = Topic("strandline.failures.v1", _retention_config(days=30))
DEAD_LETTERS = Topic("strandline.dead-letters.v1", _retention_config(days=30), durable=True)
PRICES = Topic("strandline.prices.v1", _retention_config(days=1 / 24, segment_ms=str(600_000)))
WATCH_EVENTS = Topic("strandline.watch-events.v1", _retention_config(days=30), durable=True)
LEVELS = Topic("strandline.levels.v1", _retention_config(days=30), durable=True)
CANDLES = Topic("strandline.candles.v1", _retention_config(days=3), memory_retention=5_000)
UNCHANGED = Topic("strandline.unchanged.v1", _retention_config(days=3), memory_retention=20_000)

TOPICS = (REQUESTS, RESULTS, FAILURES, DEAD_LETTERS, PRICES, WATCH_EVENTS, LEVELS, CANDLES, UNCHANGED)

ANALYZER_GROUP = "strandline.analyzer"
SINK_GROUP = "strandline.sink"
WATCHER_GROUP = "strandline.watcher"
NOTIFIER_GROUP = "strandline.notifier"
LEVEL_NOTIFIER_GROUP = "strandline.level-notifier"
TRACKER_GROUP = "strandline.tracker"

GROUP_TOPICS: dict[str, tuple[str, ...]] = {
    ANALYZER_GROUP: (REQUESTS.name, CANDLES.name),
    SINK_GROUP: (
        RESULTS.name,
        FAILURES.name,
        REQUESTS.name,
        WATCH_EVENTS.name,
        LEVELS.name,
        UNCHANGED.name,
    ),
    WATCHER_GROUP: (PRICES.name,),
    NOTIFIER_GROUP: (WATCH_EVENTS.name,),
    LEVEL_NOTIFIER_GROUP: (LEVELS.name,),
    TRACKER_GROUP: (RESULTS.name, PRICES.name, UNCHANGED.name),
}
"""The topics that each group consumes, and on which it can lag."""

OPTIONAL_GROUPS = frozenset({NOTIFIER_GROUP, LEVEL_NOTIFIER_GROUP, TRACKER_GROUP})
"""Groups of optional roles: without a committed offset they have no lag."""


class Encoded(NamedTuple):
    """An event as a record of its topic."""

    topic: str
    key: bytes | None
    value: bytes
    headers: Headers


def encode_request(
    request: AnalysisRequested, *, source: str, at: datetime, traceparent: str | None = None
) -> Encoded:
    """Encode a request, keyed by its market, so that one analyzer has the market's candles cached."""
    key = request.market.key
    return _encode(REQUESTS, request, key.encode(), request.request_id, source, at, key, traceparent)


def encode_completed(event: AnalysisCompleted, *, source: str, traceparent: str | None = None) -> Encoded:
    key = event.market.key
    return _encode(RESULTS, event, key.encode(), event.event_id, source, event.analyzed_at, key, traceparent)


def encode_unchanged(event: AnalysisUnchanged, *, source: str, traceparent: str | None = None) -> Encoded:
    key = event.market.key
    return _encode(
        UNCHANGED, event, key.encode(), event.event_id, source, event.analyzed_at, key, traceparent
    )


def encode_failed(
    event: AnalysisFailed, *, source: str, traceparent: str | None = None, key: bytes | None = None
) -> Encoded:
    """Encode a failure. `key`: the key of the request's record, used where the market is unknown."""
    subject = event.market.key if event.market else None
    key = subject.encode() if subject else key
    return _encode(FAILURES, event, key, event.event_id, source, event.failed_at, subject, traceparent)


def encode_price(event: PriceTicked, *, source: str) -> Encoded:
    key = event.key
    return _encode(PRICES, event, key.encode(), event.event_id, source, event.at, key, None)


def encode_candle(event: CandleClosed, *, source: str, at: datetime) -> Encoded:
    """Encode a closed candle, keyed without its timeframe: all candles of an instrument stay in order."""
    key = event.key
    return _encode(CANDLES, event, key.encode(), event.event_id, source, at, f"{key}:{event.timeframe}", None)


def encode_watch_event(event: AnyWatchEvent, *, source: str, traceparent: str | None = None) -> Encoded:
    """Encode an event of a watch, keyed by the watch, so that its events stay in order."""
    subject, key = instrument_key(event.exchange, event.market_type, event.symbol), event.watch_id.encode()
    return _encode(WATCH_EVENTS, event, key, event.event_id, source, event.at, subject, traceparent)


def encode_level_event(event: AnyLevelEvent, *, source: str, traceparent: str | None = None) -> Encoded:
    """Encode an event of a level, keyed by its market, so that the events of a market stay in order."""
    key = event.market.key
    return _encode(LEVELS, event, key.encode(), event.event_id, source, event.at, key, traceparent)


def event_type(event: type[BaseModel]) -> str:
    """Return the CloudEvents type, such as `strandline.AnalysisCompleted.v1`."""
    return f"strandline.{event.__name__}.v1"


def _encode(
    topic: Topic,
    event: BaseModel,
    key: bytes | None,
    event_id: str,
    source: str,
    at: datetime,
    subject: str | None,
    traceparent: str | None,
) -> Encoded:
    attributes = Attributes(event_id, event_type(type(event)), source, at, subject, traceparent)
    return Encoded(topic.name, key, event.model_dump_json().encode(), to_headers(attributes))
