"""How the pipeline does: jobs and freshness from the database, lag from the broker; either may be away."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from api.http.dependencies import Dependencies
from api.pipeline.freshness import market_age
from api.results import queries, rows
from broker.ports import Lag
from runtime.errors import Transient
from schemas.freshness import newest_closed_candle, oldest_fresh_candle
from schemas.http.pipeline import (
    FreshnessSummary,
    JobCounts,
    PipelineStatus,
    ReasonCount,
    RecentFailure,
    TopicLag,
)
from schemas.market import TIMEFRAMES
from schemas.topics import GROUP_TOPICS, OPTIONAL_GROUPS

PIPELINE_SECONDS = 2.0
"""So old an answer may be: it counts jobs and asks the broker, and pages ask for it again and again."""

WINDOW = 3_600
_RECENT = 20
_OLDEST = 20
_BROKER_SECONDS = 4.0

T = TypeVar("T")


async def pipeline(deps: Dependencies) -> PipelineStatus:
    """Raises nothing where the database or the broker is away: that is what it is there to tell."""
    now = deps.clock.now()
    newest, floors = _by_timeframe(newest_closed_candle, now), _by_timeframe(oldest_fresh_candle, now)
    since = now - timedelta(seconds=WINDOW)
    endings, ages, lag = await asyncio.gather(
        _if_there(queries.endings(deps.engine, since, recent=_RECENT)),
        _if_there(queries.ages(deps.engine, newest, floors, oldest=_OLDEST)),
        _if_there(deps.broker.lag(GROUP_TOPICS, timeout=_BROKER_SECONDS, optional=OPTIONAL_GROUPS)),
    )
    return PipelineStatus(
        window_seconds=WINDOW,
        **_told_by_jobs(endings),
        lag=_by_topic(lag) if lag is not None else None,
        freshness=_freshness(ages, now) if ages is not None else None,
        broker=lag is not None,
        database=endings is not None and ages is not None,
        at=now,
    )


async def _if_there(asked: Awaitable[T]) -> T | None:
    try:
        return await asked
    except Transient:
        return None


def _by_timeframe(rule: Callable[[datetime, str], int], now: datetime) -> dict[str, int]:
    return {timeframe: rule(now, timeframe) for timeframe in TIMEFRAMES}


def _told_by_jobs(endings: queries.Endings | None) -> dict[str, Any]:
    if endings is None:
        return {"jobs": None, "failures": [], "recent_failures": []}
    failed = sorted(endings.failed.items(), key=lambda pair: (-pair[1], pair[0]))
    return {
        "jobs": JobCounts(
            queued=endings.queued, completed=endings.completed, failed=sum(endings.failed.values())
        ),
        "failures": [ReasonCount(reason=reason, count=count) for reason, count in failed],
        "recent_failures": [RecentFailure.model_validate(rows.job(job)) for job in endings.recent],
    }


def _by_topic(lag: Lag) -> list[TopicLag]:
    """Without the groups that have nothing to be behind of: their topics are not there."""
    return [
        TopicLag(group=group, topic=topic, lag=_sum(partitions, topic))
        for group, partitions in lag.items()
        for topic in sorted({partition.topic for partition in partitions})
    ]


def _sum(partitions: Mapping[Any, int], topic: str) -> int:
    return sum(records for partition, records in partitions.items() if partition.topic == topic)


def _freshness(ages: queries.Ages, now: datetime) -> FreshnessSummary:
    # A row of another backend may name a market that is none of ours: then it has no key to show.
    oldest = [(row, key) for row in ages.oldest if (key := rows.market_key(row))]
    return FreshnessSummary(
        markets=ages.markets,
        fresh=ages.fresh,
        stale=ages.markets - ages.fresh,
        oldest=[market_age(row, key, now) for row, key in oldest],
    )
