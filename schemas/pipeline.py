"""What `GET /api/v1/pipeline` answers: how the whole of it does, at a glance."""

from schemas.values import Time
from schemas.views import View


class JobCounts(View):
    """`queued`: all that wait now, however long. The others ended within the window."""

    queued: int
    completed: int
    failed: int


class ReasonCount(View):
    reason: str
    count: int


class RecentFailure(View):
    request_id: str
    market: str | None
    reason: str | None
    message: str | None
    ended_at: Time


class TopicLag(View):
    """Records of a topic that a consumer group has not committed yet."""

    group: str
    topic: str
    lag: int


class MarketAge(View):
    """`candle_at` opened the last candle analysed; `age_seconds` counts from its close.

    `periods_behind`: how many candles have closed since.
    """

    id: int
    market: str
    candle_at: Time
    analyzed_at: Time | None
    age_seconds: float
    periods_behind: int


class Freshness(View):
    """Markets with a result of ours. Fresh: at most one candle has closed since; `oldest` are the stalest of all."""

    markets: int
    fresh: int
    stale: int
    oldest: list[MarketAge]


class Pipeline(View):
    """What comes from the database is null or empty while it is away; `lag` is null while the broker is."""

    window_seconds: int
    jobs: JobCounts | None
    failures: list[ReasonCount]
    recent_failures: list[RecentFailure]
    lag: list[TopicLag] | None
    freshness: Freshness | None
    broker: bool
    database: bool
    at: Time
