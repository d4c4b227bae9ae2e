"""Parts of the pipeline's status, built from stored figures. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from api.jobs.queries import JobStats
from api.jobs.views import to_job
from api.pipeline.queries import FreshnessStats, MarketAgeRecord, SightStats
from api.results.views import market_key
from broker.ports import Lag, OldestUncommitted, Partition
from schemas.freshness import count_candles_behind
from schemas.http.pipeline import (
    BlindMarket,
    CanaryStatus,
    FeedStatus,
    FreshnessSummary,
    JobCounts,
    MarketAge,
    ReasonCount,
    RecentFailure,
    TopicLag,
    WatchSight,
)
from schemas.market import candle_end, instrument_key
from schemas.records import CanaryRecord, FeedRecord
from schemas.values import from_ms, to_aware_utc, to_ms


def to_job_fields(stats: JobStats | None) -> dict[str, Any]:
    """Return the fields of the status that follow from jobs; null or empty without figures."""
    if stats is None:
        return {"jobs": None, "failures": [], "recent_failures": []}
    by_count = sorted(stats.failed.items(), key=lambda pair: (-pair[1], pair[0]))
    return {
        "jobs": JobCounts(queued=stats.queued, completed=stats.completed, failed=sum(stats.failed.values())),
        "failures": [ReasonCount(reason=reason, count=count) for reason, count in by_count],
        "recent_failures": [RecentFailure.model_validate(to_job(job)) for job in stats.recent_failures],
    }


def to_topic_lags(lag: Lag, oldest: OldestUncommitted, now: datetime) -> list[TopicLag]:
    """Sum the lag of partitions by group and topic, and take its age. Groups without topics have no entry."""
    return [
        TopicLag(
            group=group,
            topic=topic,
            lag=(records := _sum_topic(partitions, topic)),
            seconds=_find_age(oldest.get(group, {}), topic, now) if records else 0.0,
        )
        for group, partitions in lag.items()
        for topic in sorted({partition.topic for partition in partitions})
    ]


def to_freshness(stats: FreshnessStats, now: datetime) -> FreshnessSummary:
    """Return the summary of freshness at `now`."""
    # A row of another backend may name a market that is not one of ours; it has no key to show.
    oldest = [(row, key) for row in stats.oldest if (key := market_key(row))]
    return FreshnessSummary(
        markets=stats.markets,
        fresh=stats.fresh,
        stale=stats.markets - stats.fresh,
        oldest=[to_market_age(row, key, now) for row, key in oldest],
    )


def to_sight(stats: SightStats) -> WatchSight:
    """Return whether watches see, with the markets whose price is not known."""
    markets = [
        BlindMarket(
            market=instrument_key(each.exchange, each.market_type, each.symbol),
            blind=each.blind,
            price_at=from_ms(each.known_at) if each.known_at is not None else None,
        )
        for each in stats.markets
    ]
    return WatchSight(watches=stats.count.watches, blind=stats.count.blind, markets=markets)


def to_canary(row: CanaryRecord | None, now: datetime) -> CanaryStatus | None:
    """Return the status at `now` of the canary; None where no request of it was answered yet."""
    if row is None or row["ended_at"] is None:
        return None
    answered_at = to_aware_utc(row["ended_at"])
    sent_at = to_aware_utc(row["queued_at"]) if row["queued_at"] else answered_at
    return CanaryStatus(
        answered_at=answered_at,
        age_seconds=max(0.0, (now - answered_at).total_seconds()),
        seconds=max(0.0, (answered_at - sent_at).total_seconds()),
    )


def to_feed(row: FeedRecord, now: datetime) -> FeedStatus:
    """Return how far a feed has come, and its age at `now`."""
    return FeedStatus(
        exchange=row["exchange"],
        market_type=row["market_type"],
        share=row["share"],
        markets=row["markets"],
        closed_until=from_ms(row["closed_until"]),
        age_seconds=max(0.0, (to_ms(now) - row["closed_until"]) / 1_000),
    )


def to_market_age(row: MarketAgeRecord, market: str, now: datetime) -> MarketAge:
    """Return the age at `now` of the result of `market` (its key)."""
    candle_at, timeframe, analyzed_at = row["candle_at"], row["timeframe"], row["analyzed_at"]
    return MarketAge(
        id=row["id"],
        market=market,
        candle_at=from_ms(candle_at),
        analyzed_at=to_aware_utc(analyzed_at) if analyzed_at else None,
        age_seconds=max(0.0, (to_ms(now) - candle_end(candle_at, timeframe)) / 1000),
        periods_behind=count_candles_behind(candle_at, now, timeframe),
    )


def _find_age(published: Mapping[Partition, int], topic: str, now: datetime) -> float | None:
    times = [published_ms for at, published_ms in published.items() if at.topic == topic]
    return max(0.0, (to_ms(now) - min(times)) / 1_000) if times else None


def _sum_topic(partitions: Mapping[Any, int], topic: str) -> int:
    return sum(records for partition, records in partitions.items() if partition.topic == topic)
