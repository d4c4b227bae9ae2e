"""Every metric, declared once, with its meaning. Served at `/metrics` on the ops port."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()

REQUESTS_ENDED = Counter(
    "strandline_requests_ended",
    "Requests that ended, by outcome: completed, or a failure's reason.",
    ["outcome"],
    registry=REGISTRY,
)
STAGE_SECONDS = Histogram(
    "strandline_analysis_stage_seconds",
    "Seconds that a stage of an analysis took: fetch (retries and waiting included), compute, publish.",
    ["stage"],
    buckets=(0.001, 0.005, 0.02, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 300),
    registry=REGISTRY,
)
FETCH_RETRIES = Counter(
    "strandline_fetch_retries",
    "Calls to an exchange that ended in trouble, or were not made because the budget is spent.",
    ["exchange"],
    registry=REGISTRY,
)
BREAKER_OPEN = Gauge(
    "strandline_breaker_open",
    "1 while an exchange is taken to be down and only probed, else 0.",
    ["exchange"],
    registry=REGISTRY,
)
PRICES_TOLD = Counter(
    "strandline_prices_told",
    "Prices published, by how they came: poll, stream.",
    ["exchange", "by"],
    registry=REGISTRY,
)
PRICE_TROUBLE = Counter(
    "strandline_price_trouble",
    "Times that prices could not be had or published: what tells which.",
    ["exchange", "what"],
    registry=REGISTRY,
)
SCHEDULED = Counter(
    "strandline_schedule_requests",
    "Requests that were due, by outcome: published, known (somebody asked for that candle before).",
    ["exchange", "outcome"],
    registry=REGISTRY,
)
SCHEDULE_LATENESS = Histogram(
    "strandline_schedule_lateness_seconds",
    "Seconds from when a request was due until the broker had it.",
    buckets=(0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3_600),
    registry=REGISTRY,
)
SCHEDULE_MARKETS = Gauge(
    "strandline_schedule_markets",
    "Markets (with their timeframes) that the watchlist means.",
    registry=REGISTRY,
)
SCHEDULE_WAITING = Gauge(
    "strandline_schedule_waiting",
    "Markets that are due and not yet asked for.",
    registry=REGISTRY,
)
NOTIFICATIONS = Counter(
    "strandline_notifications",
    "Deliveries of fires by the kind of target (webhook, telegram, ...) and outcome: delivered, retried, given_up, "
    "too_late (of any).",
    ["kind", "outcome"],
    registry=REGISTRY,
)
LOOP_IN_FLIGHT = Gauge(
    "strandline_loop_in_flight",
    "Records fetched and not yet finished.",
    ["group"],
    registry=REGISTRY,
)
LOOP_PARTITIONS = Gauge(
    "strandline_loop_partitions",
    "Partitions of this process, by state: assigned, paused.",
    ["group", "state"],
    registry=REGISTRY,
)
LOOP_RECORDS_LOST = Gauge(
    "strandline_loop_records_lost",
    "Times that records went before they were read: retention, or a topic made anew. Anything but 0 is a loss.",
    ["group"],
    registry=REGISTRY,
)
WATCHES = Gauge("strandline_watches", "Watches at work that this watcher holds.", registry=REGISTRY)
WATCH_TICKS = Counter("strandline_watch_ticks", "Prices that watches were measured by.", registry=REGISTRY)
WATCH_FIRES = Counter(
    "strandline_watch_fires", "Fires published, by condition.", ["condition"], registry=REGISTRY
)
WATCH_FIRE_SECONDS = Histogram(
    "strandline_watch_fire_seconds",
    "Seconds from when a price was published until its fire was.",
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 600),
    registry=REGISTRY,
)
