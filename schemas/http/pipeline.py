"""Response body of `GET /api/v1/pipeline`: the state of the whole pipeline."""

from typing import Annotated

from pydantic import Field

from schemas.http.base import Price, Reason, ResponseModel
from schemas.http.targets import NotificationTarget
from schemas.values import Time


class JobCounts(ResponseModel):
    """Number of jobs by state."""

    queued: Annotated[int, Field(description="Jobs that are queued now, of any age.")]
    completed: Annotated[int, Field(description="Jobs that completed within the window.")]
    failed: Annotated[int, Field(description="Jobs that failed within the window.")]


class ReasonCount(ResponseModel):
    """Number of jobs that failed for one reason."""

    reason: Annotated[Reason, Field(description="Why they failed. The set may grow.")]
    count: Annotated[int, Field(description="Number of jobs that failed for it within the window.")]


class RecentFailure(ResponseModel):
    """A job that failed within the window."""

    request_id: Annotated[str, Field(description="Id of the request.")]
    market: Annotated[str | None, Field(description="Market key, if the request named a market.")]
    reason: Annotated[Reason | None, Field(description="Why it failed. The set may grow.")]
    message: Annotated[str | None, Field(description="Explanation for people.")]
    ended_at: Annotated[Time, Field(description="Time at which it failed.")]


class TopicLag(ResponseModel):
    """How far one consumer group is behind on one topic."""

    group: Annotated[str, Field(description="Consumer group.")]
    topic: Annotated[str, Field(description="Topic.")]
    lag: Annotated[int, Field(description="Number of records that the group has not committed yet.")]
    seconds: Annotated[
        Price | None,
        Field(
            description="Age in seconds of the oldest of them; 0 if there are none, null if it cannot be read."
        ),
    ]


class MarketAge(ResponseModel):
    """How old the result of one market is."""

    id: Annotated[int, Field(description="Id of the result row.")]
    market: Annotated[str, Field(description="Market key: `exchange:market_type:symbol:timeframe`.")]
    candle_at: Annotated[Time, Field(description="Open time of the last candle that was analyzed.")]
    analyzed_at: Annotated[Time | None, Field(description="Time of the analysis.")]
    age_seconds: Annotated[Price, Field(description="Seconds since that candle closed.")]
    periods_behind: Annotated[int, Field(description="Number of candles that have closed since.")]


class FreshnessSummary(ResponseModel):
    """Freshness of all markets. A result is fresh while at most one candle has closed since its own."""

    markets: Annotated[int, Field(description="Number of markets with a result of ours.")]
    fresh: Annotated[int, Field(description="Number of them that are fresh.")]
    stale: Annotated[int, Field(description="Number of them that are stale.")]
    oldest: Annotated[list[MarketAge], Field(description="The markets that are furthest behind.")]


class BlindMarket(ResponseModel):
    """A market whose price is not known, with the watches that are blind for it."""

    market: Annotated[str, Field(description="`exchange:market_type:symbol`.")]
    blind: Annotated[int, Field(description="Number of its active watches that are blind.")]
    price_at: Annotated[
        Time | None, Field(description="Time until which its price is known; null if it never was.")
    ]


class WatchSight(ResponseModel):
    """Whether watches see: one is blind while the price of its market is not known."""

    watches: Annotated[int, Field(description="Number of active watches.")]
    blind: Annotated[int, Field(description="Number of them that are blind.")]
    markets: Annotated[
        list[BlindMarket], Field(description="Markets with blind watches, the longest unknown first.")
    ]


class CanaryStatus(ResponseModel):
    """The latest answer to the canary: a request that the scheduler sends every minute."""

    answered_at: Annotated[Time, Field(description="Time at which the latest answered request ended.")]
    age_seconds: Annotated[Price, Field(description="Seconds since then; above 180 something is stuck.")]
    seconds: Annotated[Price, Field(description="Seconds from that request to its row.")]


class FeedStatus(ResponseModel):
    """How far a feed of live candles has come."""

    exchange: Annotated[str, Field(description="The exchange.")]
    market_type: Annotated[str, Field(description="`spot` or `future`.")]
    share: Annotated[str, Field(description="The part of the symbols that it follows, such as `1/1`.")]
    markets: Annotated[int, Field(description="Number of instruments that it follows.")]
    closed_until: Annotated[Time, Field(description="End of the newest minute that it has closed.")]
    age_seconds: Annotated[Price, Field(description="Seconds since then; above 180 it stands still.")]


class PipelineStatus(ResponseModel):
    """Figures from the database are null or empty while it is away; `lag` is null while the broker is."""

    window_seconds: Annotated[int, Field(description="Length of the window in which jobs are counted.")]
    jobs: Annotated[JobCounts | None, Field(description="Number of jobs by state.")]
    failures: Annotated[list[ReasonCount], Field(description="Failed jobs by reason, most frequent first.")]
    recent_failures: Annotated[list[RecentFailure], Field(description="The newest failed jobs.")]
    lag: Annotated[list[TopicLag] | None, Field(description="Lag of each consumer group and topic.")]
    freshness: Annotated[FreshnessSummary | None, Field(description="Freshness of all markets.")]
    sight: Annotated[WatchSight | None, Field(description="Whether watches see the price of their market.")]
    targets: Annotated[
        list[NotificationTarget],
        Field(description="Where the notifier delivers, without addresses or secrets."),
    ]
    feeds: Annotated[
        list[FeedStatus],
        Field(description="Feeds of live candles that closed a minute within the last day."),
    ]
    canary: Annotated[
        CanaryStatus | None, Field(description="The latest answer to the canary; null without one.")
    ]
    broker: Annotated[bool, Field(description="Whether the broker answered.")]
    database: Annotated[bool, Field(description="Whether the database answered.")]
    at: Annotated[Time, Field(description="Time at which these figures were collected.")]
