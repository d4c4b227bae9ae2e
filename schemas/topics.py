"""Which event stands on which topic, under which key, and for how long."""

from dataclasses import dataclass, field

_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Topic:
    """`config` is in Kafka's own words; `counted` bounds a partition of the in-process broker (records)."""

    name: str
    config: dict[str, str] = field(default_factory=dict)
    counted: int = 100_000


def _kept(days: float, **more: str) -> dict[str, str]:
    settings = {"cleanup.policy": "delete", "retention.ms": str(int(days * _DAY_MS))}
    return settings | {name.replace("_", "."): value for name, value in more.items()}


REQUESTS = Topic("strandline.requests.v1", _kept(days=7))
RESULTS = Topic(
    "strandline.results.v1",
    {"cleanup.policy": "compact", "min.compaction.lag.ms": str(7 * _DAY_MS), "segment.ms": str(3_600_000)},
)
FAILURES = Topic("strandline.failures.v1", _kept(days=30))
DEAD_LETTERS = Topic("strandline.dead-letters.v1", _kept(days=30))
PRICES = Topic("strandline.prices.v1", _kept(days=1 / 24, segment_ms=str(600_000)))
WATCH_EVENTS = Topic("strandline.watch-events.v1", _kept(days=30))

TOPICS = (REQUESTS, RESULTS, FAILURES, DEAD_LETTERS, PRICES, WATCH_EVENTS)

ANALYZER_GROUP = "strandline.analyzer"
SINK_GROUP = "strandline.sink"
WATCHER_GROUP = "strandline.watcher"
NOTIFIER_GROUP = "strandline.notifier"
