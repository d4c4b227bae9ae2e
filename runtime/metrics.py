"""Every metric, declared once: name, type, labels and meaning. Served at `/metrics` on the ops port of every role.

docs/metrics.md is written from this (`make contracts`). A process of any role has them all; those of other roles stay
at nothing. Gauges of several worker processes are summed over those that live (`livesum`).
"""

from typing import NamedTuple

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()


class MetricDeclaration(NamedTuple):
    """One metric as the docs show it: `by` are the roles that have it, `labels` name -> what it is."""

    name: str
    type: str
    labels: dict[str, str]
    meaning: str
    by: str


DECLARED: list[MetricDeclaration] = []

_MOMENTS = (0.001, 0.005, 0.02, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 300)
_WAITS = (0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3_600)


def _counter(name: str, by: str, meaning: str, /, **labels: str) -> Counter:
    DECLARED.append(MetricDeclaration(f"{name}_total", "counter", labels, meaning, by))
    return Counter(name, meaning, list(labels), registry=REGISTRY)


def _gauge(name: str, by: str, meaning: str, /, **labels: str) -> Gauge:
    DECLARED.append(MetricDeclaration(name, "gauge", labels, meaning, by))
    return Gauge(name, meaning, list(labels), registry=REGISTRY, multiprocess_mode="livesum")


def _histogram(name: str, by: str, meaning: str, buckets: tuple[float, ...], /, **labels: str) -> Histogram:
    DECLARED.append(MetricDeclaration(name, "histogram", labels, meaning, by))
    return Histogram(name, meaning, list(labels), buckets=buckets, registry=REGISTRY)


_CONSUMERS = "all that consume"
_GROUP = "consumer group"
_EXCHANGE = "exchange"
_TIMEFRAME = "timeframe"

# Requests and analyses

REQUESTS = _counter(
    "strandline_requests",
    "analyzer",
    "requests that ended",
    outcome="`completed`, or a failure's reason",
)
QUEUE_WAIT = _histogram(
    "strandline_queue_wait_seconds",
    "analyzer",
    "seconds from when a request was published until an analyzer took it up",
    _WAITS,
)
STAGE_SECONDS = _histogram(
    "strandline_analysis_stage_seconds",
    "analyzer",
    "seconds that a stage of an analysis took; `fetch` with its retries and waiting",
    _MOMENTS,
    stage="`fetch`, `compute`, `publish`",
)
RECENT_SERIES = _counter(
    "strandline_recent_series",
    "analyzer",
    "analyses by where their candles came from: fetched less than 5 s ago for another request, or fetched now",
    outcome="`hit`, `miss`",
)
CANDLE_CACHE = _counter(
    "strandline_candle_cache",
    "analyzer",
    "fetches by what was kept of the market: continued in one light call, nothing usable, or doubt about how it joins "
    "(both fetched in full)",
    outcome="`hit`, `miss`, `doubt`",
)

# Exchanges

FETCH_RETRIES = _counter(
    "strandline_fetch_retries",
    "analyzer",
    "fetches that ended in trouble and were tried again or given up, a spent budget included",
    exchange=_EXCHANGE,
)
BREAKER_OPEN = _gauge(
    "strandline_breaker_open",
    "analyzer",
    "1 while the exchange is taken to be down and only probed; there from the first time that it opened",
    exchange=_EXCHANGE,
)
_BUDGET = "the exchange and its system, as `binance:spot`"
BUDGET_SPENT = _counter(
    "strandline_budget_spent",
    "all that call exchanges",
    "weight of calls that were paid for, as the exchange counts it",
    budget=_BUDGET,
)
BUDGET_WAIT = _counter(
    "strandline_budget_wait_seconds",
    "all that call exchanges",
    "seconds that calls waited for their turn",
    budget=_BUDGET,
)
BUDGET_REFUSED = _counter(
    "strandline_budget_refused",
    "all that call exchanges",
    "calls that were not made, since their turn would have come too late",
    budget=_BUDGET,
)

# Prices and the schedule

PRICES_PUBLISHED = _counter(
    "strandline_prices_published",
    "prices",
    "prices published",
    exchange=_EXCHANGE,
    by="source: `poll`, `stream`",
)
PRICE_ERRORS = _counter(
    "strandline_price_errors",
    "prices",
    "failures to get or publish prices",
    exchange=_EXCHANGE,
    what="`poll`, `stream`, `publish`",
)
SCHEDULED = _counter(
    "strandline_schedule_requests",
    "scheduler",
    "requests that were due",
    exchange=_EXCHANGE,
    outcome="`published`, or `known`: somebody asked for that candle before",
)
SCHEDULE_LATENESS = _histogram(
    "strandline_schedule_lateness_seconds",
    "scheduler",
    "seconds from when a request was due until the broker had it",
    _WAITS,
)
SCHEDULE_MARKETS = _gauge(
    "strandline_schedule_markets", "scheduler", "markets, with their timeframes, that the watchlist means"
)
SCHEDULE_WAITING = _gauge(
    "strandline_schedule_waiting", "scheduler", "markets that are due and not yet asked for"
)

# Consuming

LOOP_IN_FLIGHT = _gauge(
    "strandline_loop_in_flight",
    _CONSUMERS,
    "records fetched and not yet finished",
    group=_GROUP,
)
LOOP_PARTITIONS = _gauge(
    "strandline_loop_partitions",
    _CONSUMERS,
    "partitions of this process",
    group=_GROUP,
    state="`assigned`, `paused`",
)
LOOP_RECORDS_LOST = _gauge(
    "strandline_loop_records_lost",
    _CONSUMERS,
    "times that records were gone before they were read (retention, a topic made anew), since the start; anything "
    "but 0 is a loss",
    group=_GROUP,
)
CONSUMER_LAG = _gauge(
    "strandline_consumer_lag",
    _CONSUMERS,
    "records of a partition of this process that are not committed yet; absent while the broker does not answer",
    group=_GROUP,
    topic="topic",
    partition="its number",
)
DEAD_LETTERED = _counter("strandline_dead_lettered", _CONSUMERS, "records given up", topic="where they stood")
PUBLISH_RETRIES = _counter(
    "strandline_publish_retries",
    _CONSUMERS,
    "sends of events and dead letters that were not acknowledged and tried again",
    topic="where to",
)

# The tables

SINK_BATCH = _histogram(
    "strandline_sink_batch_records",
    "sink",
    "records of a batch",
    (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 5_000),
)
SINK_BATCH_SECONDS = _histogram(
    "strandline_sink_batch_seconds", "sink", "seconds until a batch was written, retries included", _MOMENTS
)
SINK_RETRIES = _counter(
    "strandline_sink_retries",
    "sink",
    "transactions that did not go through for an outage and were tried again",
)
RESULTS_WRITTEN = _counter(
    "strandline_results_written",
    "sink",
    "results brought to the table, the newest of each market and batch: how often markets are updated",
    timeframe=_TIMEFRAME,
)
RESULT_DELAY = _histogram(
    "strandline_result_delay_seconds",
    "sink",
    "seconds from the close of the newest candle of a result until it was written",
    (1, 2, 5, 10, 20, 30, 60, 120, 300, 900, 3_600, 14_400, 86_400),
    timeframe=_TIMEFRAME,
)
MARKETS = _gauge(
    "strandline_markets",
    "sink",
    "markets by how fresh their row is (fresh: at most one candle has closed since), read every 15 s; every sink "
    "counts all, so take the `max`",
    timeframe=_TIMEFRAME,
    state="`fresh`, `stale`",
)
MARKET_STALEST = _gauge(
    "strandline_market_stalest_seconds",
    "sink",
    "age of the stalest market: seconds since the close of its last analysed candle. Which one: "
    "`GET /api/v1/pipeline`",
    timeframe=_TIMEFRAME,
)

# Watches

WATCHES = _gauge("strandline_watches", "watcher", "watches at work that this watcher holds")
WATCH_TICKS = _counter("strandline_watch_ticks", "watcher", "prices that watches were measured by")
WATCH_FIRES = _counter("strandline_watch_fires", "watcher", "fires published", condition="of the watch")
WATCH_FIRE_SECONDS = _histogram(
    "strandline_watch_fire_seconds",
    "watcher",
    "seconds from when a price was published until its fire was",
    (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 600),
)

NOTIFICATIONS = _counter(
    "strandline_notifications",
    "notifier",
    "deliveries of fires",
    kind="of the target: `webhook`, `telegram`, ...; `any` where it came too late for all",
    outcome="`delivered`, `retried`, `given_up`, `too_late`",
)

# The API

HTTP_SECONDS = _histogram(
    "strandline_http_request_seconds",
    "api",
    "seconds until an answer began",
    (0.002, 0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60),
    method="`GET`, ..., `other`",
    route="as in openapi.json; `none` for what is no route",
    status="of the answer",
)
STREAM_CLIENTS = _gauge("strandline_stream_clients", "api", "clients that follow the live stream now")
READ_CACHE = _counter(
    "strandline_read_cache",
    "api",
    "answers by whether Redis had them; `away`: it was not to be asked",
    outcome="`hit`, `miss`, `away`",
)
KLINE_CACHE = _counter(
    "strandline_kline_cache", "api", "klines by whether they were kept from earlier", outcome="`hit`, `miss`"
)
