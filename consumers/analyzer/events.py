"""Build the events that end requests, from an analysis or a failure. Pure.

An analysis has its numbers rounded and checked already, so the events of results are built without validation; a test
holds them to their models (tests/unit/consumers/analyzer/test_events.py).
"""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from levels import Analysis
from levels import Level as FoundLevel
from schemas.construction import construct_valid
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

_to_time = lru_cache(maxsize=16_384)(from_ms)
"""Candles of all markets open at the same times."""

_SCORE_PARTS = tuple(ScoreParts.model_fields)


def build_completed(
    analysis: Analysis,
    market: Market,
    request_ids: Iterable[str],
    analyzed_at: datetime,
    notes: Iterable[str] = (),
) -> list[AnalysisCompleted]:
    """Return one event for every 500 requests that the analysis answers. `notes`: about its candles."""
    levels = tuple(_to_level(found) for found in analysis.levels)
    fields = {
        "market": market,
        "input_limit": analysis.input_limit,
        "last_price": analysis.last_price,
        "candle_at": from_ms(analysis.candle_at),
        "analyzed_at": analyzed_at,
        "support_levels": tuple(level.price for level in levels if level.side == "support"),
        "resistance_levels": tuple(level.price for level in levels if level.side == "resistance"),
        "levels": levels,
        "algorithm": analysis.algorithm,
        "params_hash": analysis.params_hash,
        "candles_hash": analysis.candles_hash,
        "notes": (*notes, analysis.reason) if analysis.reason else tuple(notes),
    }
    return [
        construct_valid(AnalysisCompleted, {"request_ids": ids, **fields})
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
    parts = found.score_parts
    fields = {
        "level_id": found.level_id,
        "side": found.side,
        "origin_side": found.origin_side,
        "price": found.price,
        "low": found.low,
        "high": found.high,
        "score": found.score,
        "score_parts": construct_valid(ScoreParts, {name: parts[name] for name in _SCORE_PARTS}),
        "touches": found.touches,
        "bounces": found.bounces,
        "breaks": found.breaks,
        "first_touch_at": _to_time(found.first_touch_at),
        "last_touch_at": _to_time(found.last_touch_at),
        "confirmed_at": _to_time(found.confirmed_at),
        "windows": found.windows,
        "distance_pct": found.distance_pct,
        "p_hold": found.p_hold,
        "placebo": found.placebo,
        "n": found.n,
        "p_reach_24": found.p_reach_24,
        "p_reach_100": found.p_reach_100,
        "distance_atr": found.distance_atr,
    }
    return construct_valid(Level, fields)
