"""Declares every metric once, with its type, labels and meaning. Every role serves them at `/metrics` on its ops port.

docs/metrics.md is generated from this (`make contracts`). Every process declares all of them; those of other roles
stay without a sample. Gauges of several worker processes are summed over the living ones (`livesum`).
"""

from typing import NamedTuple

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()


class MetricDeclaration(NamedTuple):
    """A metric as the docs list it. `labels`: name -> meaning; `by`: the roles that set it."""

    name: str
    type: str
    labels: dict[str, str]
    meaning: str
    by: str


DECLARED: list[MetricDeclaration] = []

_DURATION_BUCKETS = (0.001, 0.005, 0.02, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 300)
_WAIT_BUCKETS = (0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3_600)


def _declare_counter(name: str, by: str, meaning: str, /, **labels: str) -> Counter:
    DECLARED.append(MetricDeclaration(f"{name}_total", "counter", labels, meaning, by))
    return Counter(name, meaning, list(labels), registry=REGISTRY)


def _declare_gauge(name: str, by: str, meaning: str, /, **labels: str) -> Gauge:
    DECLARED.append(MetricDeclaration(name, "gauge", labels, meaning, by))
    return Gauge(name, meaning, list(labels), registry=REGISTRY, multiprocess_mode="livesum")


def _declare_histogram(
    name: str, by: str, meaning: str, buckets: tuple[float, ...], /, **labels: str
) -> Histogram:
    DECLARED.append(MetricDeclaration(name, "histogram", labels, meaning, by))
    return Histogram(name, meaning, list(labels), buckets=buckets, registry=REGISTRY)


_CONSUMERS = "all consumers"
_GROUP = "consumer group"
_EXCHANGE = "exchange"
_TIMEFRAME = "timeframe"

# Requests and analyses

REQUESTS = _declare_counter(
    "strandline_requests",
    "analyzer",
    "requests that ended",
    outcome="`completed`, or a failure's reason",
)
QUEUE_WAIT = _declare_histogram(
    "strandline_queue_wait_seconds",
    "analyzer",
    "seconds from when a request was published until an analyzer started it",
    _WAIT_BUCKETS,
)
STAGE_SECONDS = _declare_histogram(
    "strandline_analysis_stage_seconds",
    "analyzer",
    "seconds that a stage of an analysis took; `fetch` includes retries and waits",
    _DURATION_BUCKETS,
    stage="`fetch`, `compute`, `publish`",
)
RECENT_SERIES = _declare_counter(
    "strandline_recent_series",
    "analyzer",
    "analyses by the source of their candles: fetched less than 5 s ago for another request, or fetched now",
    outcome="`hit`, `miss`",
)
CANDLE_CACHE = _declare_counter(
    "strandline_candle_cache",
    "analyzer",
    "fetches by cache state: continued from the cache in one light call, not in the cache, or cached but unconfirmed "
    "(the last two fetch in full)",
    outcome="`hit`, `miss`, `doubt`",
)

SHARED_SERIES = _declare_counter(
    "strandline_shared_series",
    "analyzer",
    "lookups of a market's candles in Redis, by whether an analyzer that had the market before has left newer ones",
    outcome="`hit`, `miss`",
)

CLOSES = _declare_counter(
    "strandline_closes",
    "analyzer",
    "closed candles by what their analysis took: joined to the cached series, without a call; fetched; or known: "
    "analysed before; of the first two also those that were unchanged: they had the levels published before",
    outcome="`joined`, `fetched`, `known`, `unchanged`",
)

# Exchanges

FETCH_RETRIES = _declare_counter(
    "strandline_fetch_retries",
    "analyzer",
    "fetches that failed and were retried or given up, including refusals by the rate limit",
    exchange=_EXCHANGE,
)
BREAKER_OPEN = _declare_gauge(
    "strandline_breaker_open",
    "analyzer",
    "1 while the breaker of the exchange is open and calls only probe it; absent until it first opens",
    exchange=_EXCHANGE,
)
_BUDGET = "the exchange and its API, as `binance:spot`"
BUDGET_SPENT = _declare_counter(
    "strandline_budget_spent",
    "all callers of exchanges",
    "weight of the calls made, as the exchange counts it",
    budget=_BUDGET,
)
BUDGET_WAIT = _declare_counter(
    "strandline_budget_wait_seconds",
    "all callers of exchanges",
    "seconds that calls waited for the rate limit",
    budget=_BUDGET,
)
BUDGET_REFUSED = _declare_counter(
    "strandline_budget_refused",
    "all callers of exchanges",
    "calls not made, because the wait for the rate limit would exceed their deadline",
    budget=_BUDGET,
)

# Prices and the schedule

PRICES_PUBLISHED = _declare_counter(
    "strandline_prices_published",
    "prices",
    "prices published",
    exchange=_EXCHANGE,
    by="source: `poll`, `stream`",
)
PRICE_ERRORS = _declare_counter(
    "strandline_price_errors",
    "prices",
    "failures to get or publish prices",
    exchange=_EXCHANGE,
    what="`poll`, `stream`, `publish`",
)
SCHEDULED = _declare_counter(
    "strandline_schedule_requests",
    "scheduler",
    "requests that were due",
    exchange=_EXCHANGE,
    outcome="`published`; `known`: that candle was requested before; `current`: the row has that candle, from a feed",
)
SCHEDULE_LATENESS = _declare_histogram(
    "strandline_schedule_lateness_seconds",
    "scheduler",
    "seconds from when a request was due until the broker acknowledged it",
    _WAIT_BUCKETS,
)
SCHEDULE_MARKETS = _declare_gauge(
    "strandline_schedule_markets", "scheduler", "markets that the watchlist selects, counted per timeframe"
)
SCHEDULE_WAITING = _declare_gauge(
    "strandline_schedule_waiting", "scheduler", "markets that are due and not yet requested"
)

FEED_CANDLES = _declare_counter(
    "strandline_feed_candles",
    "feed",
    "closed candles published",
    exchange=_EXCHANGE,
    timeframe=_TIMEFRAME,
    kind="`stream`: pushed; `rollup`: added up; `rest`: fetched; `revised`: changed by the exchange since",
)
FEED_REPAIRS = _declare_counter(
    "strandline_feed_repairs",
    "feed",
    "candles fetched, by why",
    exchange=_EXCHANGE,
    cause="`dropped`, `never_closed`, `stale_clock`: no final kline, or one dated too early; `cut`: without a "
    "connection; `restart`: without a process; `cold`: longer candles not seen whole; `revised`: it came twice and "
    "differed; `sample`: to be compared; `unproven`: its trades have not made the exchange's candle yet",
)
FEED_AGE = _declare_gauge(
    "strandline_feed_age_seconds",
    "feed",
    "seconds since the end of the newest minute that the feed has closed, by the exchange's clock",
    exchange=_EXCHANGE,
    market_type="`spot`, `future`",
)
FEED_MARKETS = _declare_gauge(
    "strandline_feed_markets", "feed", "instruments that this feed follows", exchange=_EXCHANGE
)
FEED_ERRORS = _declare_counter(
    "strandline_feed_errors",
    "feed",
    "failures to stream or to fetch, retried",
    exchange=_EXCHANGE,
    what="`stream`, `fetch`",
)

CANARY_AGE = _declare_gauge(
    "strandline_canary_age_seconds",
    "scheduler",
    "seconds since the canary, a request every minute, was last answered by a row",
)
CANARY_SECONDS = _declare_histogram(
    "strandline_canary_seconds",
    "scheduler",
    "seconds from the canary's request to its row",
    _WAIT_BUCKETS,
)

# Consuming

LOOP_IN_FLIGHT = _declare_gauge(
    "strandline_loop_in_flight",
    _CONSUMERS,
    "records fetched and not yet handled",
    group=_GROUP,
)
LOOP_PARTITIONS = _declare_gauge(
    "strandline_loop_partitions",
    _CONSUMERS,
    "partitions of this process",
    group=_GROUP,
    state="`assigned`, `paused`",
)
LOOP_RECORDS_LOST = _declare_gauge(
    "strandline_loop_records_lost",
    _CONSUMERS,
    "times that records were deleted before they were read (retention, a recreated topic), since the start; "
    "above 0 means data loss",
    group=_GROUP,
)
CONSUMER_LAG = _declare_gauge(
    "strandline_consumer_lag",
    _CONSUMERS,
    "records of an assigned partition not committed yet; absent while the broker does not answer",
    group=_GROUP,
    topic="topic",
    partition="partition number",
)
CONSUMER_LAG_SECONDS = _declare_gauge(
    "strandline_consumer_lag_seconds",
    _CONSUMERS,
    "age by its timestamp of the oldest record of an assigned partition not committed yet; 0 without one, absent while "
    "it cannot be read",
    group=_GROUP,
    topic="topic",
    partition="partition number",
)
DEAD_LETTERED = _declare_counter(
    "strandline_dead_lettered", _CONSUMERS, "records published to the dead letters", topic="source topic"
)
EVENTS_SKIPPED = _declare_counter(
    "strandline_events_skipped",
    _CONSUMERS,
    "records left out because their ce_type is of a version that this program does not know",
    topic="source topic",
)
PUBLISH_RETRIES = _declare_counter(
    "strandline_publish_retries",
    _CONSUMERS,
    "publishes of events and dead letters that were not acknowledged and were retried",
    topic="target topic",
)

# The tables

SINK_BATCH = _declare_histogram(
    "strandline_sink_batch_records",
    "sink",
    "records of a batch",
    (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 5_000),
)
SINK_BATCH_SECONDS = _declare_histogram(
    "strandline_sink_batch_seconds",
    "sink",
    "seconds until a batch was written, retries included",
    _DURATION_BUCKETS,
)
SINK_RETRIES = _declare_counter(
    "strandline_sink_retries",
    "sink",
    "transactions that failed in an outage and were retried",
)
RESULTS_WRITTEN = _declare_counter(
    "strandline_results_written",
    "sink",
    "results written, the newest of each market and batch: the rate of market updates",
    timeframe=_TIMEFRAME,
)
RESULT_DELAY = _declare_histogram(
    "strandline_result_delay_seconds",
    "sink",
    "seconds from the close of the newest candle of a result until it was written",
    (1, 2, 5, 10, 20, 30, 60, 120, 300, 900, 3_600, 14_400, 86_400),
    timeframe=_TIMEFRAME,
)
MARKETS = _declare_gauge(
    "strandline_markets",
    "sink",
    "markets by freshness of their row (fresh: at most one candle has closed since), read every 15 s; every sink "
    "counts all markets, so take the `max`",
    timeframe=_TIMEFRAME,
    state="`fresh`, `stale`",
)
MARKET_STALEST = _declare_gauge(
    "strandline_market_stalest_seconds",
    "sink",
    "age of the stalest market: seconds since the close of its last analysed candle; "
    "`GET /api/v1/pipeline` names it",
    timeframe=_TIMEFRAME,
)

# Watches

WATCHES = _declare_gauge("strandline_watches", "watcher", "active watches that this watcher holds")
WATCHES_BLIND = _declare_gauge(
    "strandline_watches_blind",
    "sink",
    "active watches whose price is not known (`STRANDLINE_BLIND_AFTER`), read every 15 s; every sink counts all "
    "watches, so take the `max`",
)
WATCH_TICKS = _declare_counter("strandline_watch_ticks", "watcher", "prices checked against watches")
WATCH_FIRES = _declare_counter(
    "strandline_watch_fires", "watcher", "fires published", condition="of the watch"
)
WATCH_CANDLES = _declare_counter(
    "strandline_watch_candles",
    "watcher",
    "fetches of candles for watches",
    kind="`silence`: what was missed without prices; `near`: what was missed between prices near a target; "
    "`close`: of a close condition; `baseline`: of a new watch",
    outcome="`checked`, `failed`, `not_closed`: asked before the exchange had closed it; the last two are repeated",
)
WATCH_FIRE_SECONDS = _declare_histogram(
    "strandline_watch_fire_seconds",
    "watcher",
    "seconds from when a price was published until its fire was",
    (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 600),
)

LEVEL_EVENTS = _declare_counter(
    "strandline_level_events",
    "tracker",
    "events of levels published",
    type="`appeared`, `approached`, `touched`, `bounced`, `broke`, `flipped`, `retired`",
)

NOTIFICATIONS = _declare_counter(
    "strandline_notifications",
    "notifier",
    "deliveries of fires and of events of levels",
    kind="of the target: `webhook`, `level_webhook`, `telegram`, ...; `any` if too late for all targets, or grouped",
    outcome="`delivered`, `retried`, `given_up`, `too_late`, `grouped` (a notice of the market was delivered), "
    "`muted`, `gone` (the level webhook answered 410 before)",
)
NOTIFICATION_TARGET_UP = _declare_gauge(
    "strandline_notification_target_up",
    "notifier",
    "1; 0 once a webhook answered 410 Gone: nothing is sent to it until its address changes or it accepts a test",
    target="as in the log: `webhook 1 (host)`",
)

# The API

HTTP_SECONDS = _declare_histogram(
    "strandline_http_request_seconds",
    "api",
    "seconds until the response started",
    (0.002, 0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60),
    method="`GET`, ..., `other`",
    route="as in openapi.json; `none` for an unknown path",
    status="HTTP status of the response",
)
STREAM_CLIENTS = _declare_gauge("strandline_stream_clients", "api", "clients connected to the live stream")
READ_CACHE = _declare_counter(
    "strandline_read_cache",
    "api",
    "cacheable responses by cache result; `away`: Redis did not answer",
    outcome="`hit`, `miss`, `away`",
)
KLINE_CACHE = _declare_counter(
    "strandline_kline_cache", "api", "klines by cache result", outcome="`hit`, `miss`"
)
