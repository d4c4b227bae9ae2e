"""SELECTs of the freshness of results."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from api.reading import LEVEL_COLUMNS, fetch_all, open_read, select_columns
from schemas.market import TIMEFRAMES
from schemas.records import CanaryRecord, FeedRecord, MarketColumns
from schemas.tables import analysis_results
from schemas.values import to_ms
from storage.canary import load_latest_answer
from storage.feeds import load_feeds
from storage.freshness_sql import count_fresh, has_known_candle
from storage.watched_prices import BlindCount, BlindMarket, count_blind, list_blind_markets

_RESULTS = analysis_results.c


class MarketAgeRecord(MarketColumns):
    """The columns of a result of ours that its age follows from; `candle_at` is in ms."""

    id: int
    candle_at: int
    analyzed_at: datetime | None


async def latest_canary(engine: AsyncEngine) -> CanaryRecord | None:
    """Return the newest request of the canary that was completed."""
    async with open_read(engine) as connection:
        return await load_latest_answer(connection)


async def feed_rows(engine: AsyncEngine, now: datetime) -> list[FeedRecord]:
    """Return how far each feed has come."""
    async with open_read(engine) as connection:
        return await load_feeds(connection, to_ms(now))


@dataclass(frozen=True, slots=True)
class SightStats:
    """How many watches are active and blind; `markets` are those whose price has been unknown for longest."""

    count: BlindCount
    markets: list[BlindMarket]


async def watch_sight(
    engine: AsyncEngine, now: datetime, blind_after: float, *, max_markets: int
) -> SightStats:
    """Count the active watches, and those without a price for `blind_after` seconds."""
    async with open_read(engine) as connection:
        return SightStats(
            await count_blind(connection, now, blind_after),
            await list_blind_markets(connection, now, blind_after, limit=max_markets),
        )


@dataclass(frozen=True, slots=True)
class FreshnessStats:
    """Number of results of ours, and of the fresh ones; `oldest` are those that are furthest behind."""

    markets: int
    fresh: int
    oldest: list[MarketAgeRecord]


async def freshness_stats(
    engine: AsyncEngine, newest: Mapping[str, int], floors: Mapping[str, int], *, max_oldest: int
) -> FreshnessStats:
    """Count our results and the fresh ones among them; a result below the floor of its timeframe is stale.

    `newest` and `floors` are open times (ms) by timeframe: of the last closed candle, and of the oldest fresh one.
    """
    periods_behind = (case(newest, value=_RESULTS.timeframe) - _RESULTS.candle_at) / case(
        TIMEFRAMES, value=_RESULTS.timeframe
    )
    oldest = (
        select_columns(analysis_results, exclude=LEVEL_COLUMNS)
        .where(*has_known_candle(newest))
        .order_by(periods_behind.desc(), _RESULTS.id)
        .limit(max_oldest)
    )
    async with open_read(engine) as connection:
        counts = select(func.count(), func.coalesce(count_fresh(floors), 0)).where(*has_known_candle(newest))
        markets, number_fresh = (await connection.execute(counts)).one()
        return FreshnessStats(markets, int(number_fresh), await fetch_all(connection, oldest))
