"""How old the newest analysis of a market is. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from schemas.http.pipeline import MarketAge
from schemas.market import candle_end, candle_period
from schemas.values import from_ms, to_aware_utc, to_ms


def market_age(stored: Mapping[str, Any], market: str, now: datetime) -> MarketAge:
    """Of a stored row that has a `candle_at` (ms) and a `timeframe` of ours; `market` is its key."""
    candle_at, timeframe, analyzed_at = (stored[name] for name in ("candle_at", "timeframe", "analyzed_at"))
    behind = candle_period(now, timeframe) - candle_period(from_ms(candle_at), timeframe) - 1
    return MarketAge(
        id=stored["id"],
        market=market,
        candle_at=from_ms(candle_at),
        analyzed_at=to_aware_utc(analyzed_at) if analyzed_at else None,
        age_seconds=max(0.0, (to_ms(now) - candle_end(candle_at, timeframe)) / 1000),
        periods_behind=max(0, behind),
    )
