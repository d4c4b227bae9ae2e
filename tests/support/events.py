"""Builders of events with default fields, and of the records that carry them."""

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from broker.ports import Record
from schemas.candles.levels_hash import hash_levels
from schemas.candles.unchanged import AnalysisUnchanged
from schemas.events import AnalysisCompleted, AnalysisFailed, FailureReason, Level, ScoreParts
from schemas.level_events import LevelEventBase
from schemas.market import Market
from schemas.requests import AnalysisRequested
from schemas.topics import FAILURES, LEVELS, REQUESTS, RESULTS, UNCHANGED, WATCH_EVENTS, Topic
from schemas.values import from_ms, round_significant
from schemas.watch_events import WatchExpired, WatchFired, fire_id

HOUR_MS = 3_600_000
CANDLE = 1_763_780_400_000
"""2025-11-22T03:00:00Z, in ms: the open time of an hourly candle."""
LAST_PRICE = 65_432.1
NOON = datetime(2025, 11, 22, 12, tzinfo=UTC)

_offsets = itertools.count()
_WATCH_FIELDS: dict[str, Any] = {
    "exchange": "sim",
    "market_type": "spot",
    "symbol": "BTCUSDT",
    "condition": "touch",
    "target": 100.0,
    "side": "long",
}


def make_market(symbol: str = "BTCUSDT", timeframe: str = "1h", exchange: str = "binance") -> Market:
    return Market.of(exchange, symbol, "spot", timeframe)


def make_level(price: float = 64_000.5, *, last_price: float = LAST_PRICE, **overrides: Any) -> Level:
    return Level(
        **{
            "level_id": f"support-{price:g}",
            "side": "support",
            "origin_side": "support",
            "price": price,
            "low": price * 0.999,
            "high": price * 1.001,
            "score": 7.25,
            "score_parts": ScoreParts(touches=3.0, volume=1.5, distance=1.75, direction=1.0),
            "touches": 4,
            "bounces": 3,
            "breaks": 1,
            "first_touch_at": from_ms(CANDLE - 90 * HOUR_MS),
            "last_touch_at": from_ms(CANDLE - 9 * HOUR_MS),
            "confirmed_at": from_ms(CANDLE - 80 * HOUR_MS),
            "windows": (5, 10),
            "distance_pct": _distance_pct(price, last_price),
        }
        | overrides
    )


def _distance_pct(price: float, last_price: float) -> float:
    return round_significant(abs(price - last_price) / last_price * 100) if last_price else 0.0


def make_completed(
    market: Market | None = None,
    *,
    candle_at: int = CANDLE,
    analyzed_at: datetime = NOON,
    request_ids: Sequence[str] = ("my-7",),
    last_price: float = LAST_PRICE,
    **overrides: Any,
) -> AnalysisCompleted:
    """`candle_at` in ms."""
    return AnalysisCompleted(
        **{
            "request_ids": tuple(request_ids),
            "market": market or make_market(),
            "input_limit": 1_999,
            "last_price": last_price,
            "candle_at": from_ms(candle_at),
            "analyzed_at": analyzed_at,
            "support_levels": (64_000.5,),
            "resistance_levels": (66_010.0,),
            "levels": (make_level(last_price=last_price),),
            "algorithm": "strandline/1",
            "params_hash": "p",
            "candles_hash": "c",
        }
        | overrides
    )


def make_failed(
    market: Market | None = None,
    *,
    request_ids: Sequence[str] = ("my-7",),
    reason: FailureReason = "unknown_symbol",
    message: str = "binance has no spot market BTCUSDT",
    failed_at: datetime = NOON,
    attempts: int = 2,
) -> AnalysisFailed:
    return AnalysisFailed(
        request_ids=tuple(request_ids),
        market=market,
        reason=reason,
        message=message,
        attempts=attempts,
        failed_at=failed_at,
    )


def make_request(
    market: Market | None = None, *, request_id: str = "my-7", **overrides: Any
) -> AnalysisRequested:
    fields = {"limit": 2_000, "request_id": request_id, "expires_at": NOON, "params": {}} | overrides
    return AnalysisRequested(**(market or make_market()).model_dump(), **fields)


def make_record(topic: str, value: bytes | None, *, at: datetime = NOON, **overrides: Any) -> Record:
    """Make a record as read from `topic`, with a unique offset."""
    fields: dict[str, Any] = {
        "partition": 0,
        "offset": next(_offsets),
        "key": None,
        "headers": (),
    } | overrides
    return Record(topic=topic, value=value, timestamp_ms=int(at.timestamp() * 1000), **fields)


def make_fired(watch_id: str = "w", arm: int = 1, *, at: datetime = NOON, **overrides: Any) -> WatchFired:
    fields = _WATCH_FIELDS | {"fire_id": fire_id(watch_id, arm), "price": 101.0, "arm": arm} | overrides
    return WatchFired(watch_id=watch_id, at=at, **fields)


def make_expired(watch_id: str = "w", *, at: datetime = NOON, **overrides: Any) -> WatchExpired:
    return WatchExpired(watch_id=watch_id, at=at, **_WATCH_FIELDS | overrides)


def make_unchanged(
    levels: AnalysisCompleted, candle_at: int = CANDLE + HOUR_MS, **overrides: Any
) -> AnalysisUnchanged:
    """Make the event of a close that found the levels of the result `levels` again; `candle_at` in ms."""
    fields = {
        "market": levels.market,
        "candle_at": from_ms(candle_at),
        "last_price": 65_500.0,
        "input_limit": 2_000,
        "analyzed_at": NOON + timedelta(hours=1),
        "candles_hash": "d",
        "levels_hash": hash_levels(levels.levels),
        "levels_at": levels.candle_at,
        "levels_request_id": levels.request_ids[0],
    }
    return AnalysisUnchanged(**fields | overrides)


Event = (
    AnalysisCompleted
    | AnalysisUnchanged
    | AnalysisFailed
    | AnalysisRequested
    | WatchFired
    | WatchExpired
    | LevelEventBase
)


def to_record(event: Event, **overrides: Any) -> Record:
    """Make the record that carries `event` on its topic."""
    topics: dict[type[Event], Topic] = {
        AnalysisCompleted: RESULTS,
        AnalysisUnchanged: UNCHANGED,
        AnalysisFailed: FAILURES,
        AnalysisRequested: REQUESTS,
        WatchFired: WATCH_EVENTS,
        WatchExpired: WATCH_EVENTS,
    }
    topic = topics.get(type(event), LEVELS)
    return make_record(topic.name, event.model_dump_json().encode(), **overrides)
