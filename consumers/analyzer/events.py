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
    split_request_ids,
)
from schemas.market import Market
from schemas.values import from_ms

_TIMES = ("first_touch_at", "last_touch_at", "confirmed_at")


def build_completed(
    analysis: Analysis,
    market: Market,
    request_ids: Iterable[str],
    analyzed_at: datetime,
    notes: Iterable[str] = (),
) -> list[AnalysisCompleted]:
    """Return one event for every 500 requests that the analysis answers. `notes`: about its candles."""
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
            notes=(*notes, analysis.reason) if analysis.reason else tuple(notes),
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
    """Copy the fields, which have the same names; times become datetimes."""
    fields = {name: getattr(found, name) for name in Level.model_fields}
    return Level.model_validate(fields | {name: from_ms(fields[name]) for name in _TIMES})
