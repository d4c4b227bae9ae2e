"""Build the events that end requests, from an analysis or a failure. Pure."""

from collections.abc import Iterable
from datetime import datetime

from levels import Analysis
from levels import Level as FoundLevel
from schemas.events import (
    MAX_MESSAGE_LENGTH,
    AnalysisCompleted,
    AnalysisFailed,
    FailureReason,
    Level,
    ScoreParts,
    split_request_ids,
)
from schemas.market import Market
from schemas.values import from_ms


def build_completed(
    analysis: Analysis, market: Market, request_ids: Iterable[str], analyzed_at: datetime
) -> list[AnalysisCompleted]:
    """Return one event for every 500 requests that the analysis answers."""
    levels = tuple(_to_level(found) for found in analysis.levels)
    return [
        AnalysisCompleted(
            request_ids=ids,
            market=market,
            input_limit=analysis.input_limit,
            last_price=analysis.last_price,
            candle_at=from_ms(analysis.candle_at),
            analyzed_at=analyzed_at,
            support_levels=tuple(level.price for level in levels if level.side == "support"),
            resistance_levels=tuple(level.price for level in levels if level.side == "resistance"),
            levels=levels,
            algorithm=analysis.algorithm,
            params_hash=analysis.params_hash,
            candles_hash=analysis.candles_hash,
        )
        for ids in split_request_ids(request_ids)
    ]


def build_failed(
    request_ids: Iterable[str],
    market: Market | None,
    reason: FailureReason,
    message: str,
    *,
    attempts: int,
    failed_at: datetime,
) -> list[AnalysisFailed]:
    """Return one event for every 500 requests that fail; the message is cut to 1,000 characters."""
    return [
        AnalysisFailed(
            request_ids=ids,
            market=market,
            reason=reason,
            message=message[:MAX_MESSAGE_LENGTH],
            attempts=attempts,
            failed_at=failed_at,
        )
        for ids in split_request_ids(request_ids)
    ]


def _to_level(found: FoundLevel) -> Level:
    return Level(
        level_id=found.level_id,
        side=found.side,
        origin_side=found.origin_side,
        price=found.price,
        low=found.low,
        high=found.high,
        score=found.score,
        score_parts=ScoreParts.model_validate(found.score_parts),
        touches=found.touches,
        bounces=found.bounces,
        breaks=found.breaks,
        first_touch_at=from_ms(found.first_touch_at),
        last_touch_at=from_ms(found.last_touch_at),
        confirmed_at=from_ms(found.confirmed_at),
        windows=found.windows,
        distance_pct=found.distance_pct,
        p_hold=found.p_hold,
        placebo=found.placebo,
        n=found.n,
    )
