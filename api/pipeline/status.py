"""Collects the status of the pipeline: jobs and freshness from the database, lag from the broker."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeVar

from api.connections import Connections
from api.jobs.queries import job_stats
from api.pipeline.queries import feed_rows, freshness_stats, latest_canary, watch_sight
from api.pipeline.views import to_canary, to_feed, to_freshness, to_job_fields, to_sight, to_topic_lags
from api.targets.views import to_target
from runtime.errors import Transient
from schemas.freshness import newest_closed_candle, oldest_fresh_candle
from schemas.http.pipeline import PipelineStatus
from schemas.market import TIMEFRAMES
from schemas.topics import GROUP_TOPICS, OPTIONAL_GROUPS
from storage.notification_targets import list_targets

STATUS_SECONDS = 2.0
"""How long a status is kept: it counts jobs and asks the broker, and pages poll it."""

WINDOW = 3_600
_MAX_RECENT = 20
_MAX_OLDEST = 20
_MAX_BLIND = 20
_BROKER_TIMEOUT = 4.0

T = TypeVar("T")


async def collect_status(of: Connections) -> PipelineStatus:
    """Return the status. A database or broker that is away is part of the status, not an error."""
    now = of.clock.now()
    newest, floors = _by_timeframe(newest_closed_candle, now), _by_timeframe(oldest_fresh_candle, now)
    since = now - timedelta(seconds=WINDOW)
    jobs, freshness, canary, sight, lag, oldest = await asyncio.gather(
        _none_if_away(job_stats(of.engine, since, max_recent=_MAX_RECENT)),
        _none_if_away(freshness_stats(of.engine, newest, floors, max_oldest=_MAX_OLDEST)),
        _none_if_away(latest_canary(of.engine)),
        _none_if_away(watch_sight(of.engine, now, of.settings.blind_after, max_markets=_MAX_BLIND)),
        _none_if_away(of.broker.lag(GROUP_TOPICS, timeout=_BROKER_TIMEOUT, optional=OPTIONAL_GROUPS)),
        _none_if_away(
            of.broker.oldest_uncommitted(GROUP_TOPICS, timeout=_BROKER_TIMEOUT, optional=OPTIONAL_GROUPS)
        ),
    )
    feeds = await _none_if_away(feed_rows(of.engine, now))
    targets = await _none_if_away(list_targets(of.engine))
    return PipelineStatus(
        window_seconds=WINDOW,
        **to_job_fields(jobs),
        lag=to_topic_lags(lag, oldest or {}, now) if lag is not None else None,
        freshness=to_freshness(freshness, now) if freshness is not None else None,
        sight=to_sight(sight) if sight is not None else None,
        targets=[to_target(row) for row in targets or ()],
        feeds=[to_feed(row, now) for row in feeds or ()],
        canary=to_canary(canary, now),
        broker=lag is not None,
        database=jobs is not None and freshness is not None,
        at=now,
    )


async def _none_if_away(call: Awaitable[T]) -> T | None:
    try:
        return await call
    except Transient:
        return None


def _by_timeframe(rule: Callable[[datetime, str], int], now: datetime) -> dict[str, int]:
    return {timeframe: rule(now, timeframe) for timeframe in TIMEFRAMES}
