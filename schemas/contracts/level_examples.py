"""One example of each event of a level."""

from datetime import UTC, datetime, timedelta
from typing import Any

from schemas.level_events import (
    AnyLevelEvent,
    LevelAppeared,
    LevelApproached,
    LevelBounced,
    LevelBroke,
    LevelEventType,
    LevelFlipped,
    LevelRetired,
    LevelTouched,
    Stage,
    make_level_event_id,
)
from schemas.market import Market
from schemas.topics import Encoded, encode_level_event
from schemas.values import to_ms

_CANDLE = datetime(2026, 11, 22, 11, tzinfo=UTC)
_CLOSE = _CANDLE + timedelta(hours=1)
_MARKET = Market(exchange="binance", symbol="BTCUSDT", market_type="spot", timeframe="1h")
_TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def build_level_examples() -> dict[str, Encoded]:
    """Return a record of each event of a level, by the event's title."""
    return {
        type(event).__name__: encode_level_event(event, source="/strandline/tracker", traceparent=_TRACE)
        for event in _build_events()
    }


def _build_events() -> tuple[AnyLevelEvent, ...]:
    return (
        LevelAppeared(
            **_common_fields("appeared"),
            touches=4,
            bounces=3,
            breaks=1,
            first_touch_at=_CANDLE - timedelta(hours=80),
            last_touch_at=_CANDLE - timedelta(hours=9),
            score=7.25,
            p_reach_100=0.548,
        ),
        LevelApproached(**_common_fields("approached", "live"), stage="live", distance_pct=0.62),
        LevelTouched(**_common_fields("touched"), touches=5, last_touch_at=_CANDLE),
        LevelBounced(**_common_fields("bounced"), bounces=4),
        LevelBroke(**_common_fields("broke"), breaks=2),
        LevelFlipped(**_common_fields("flipped") | {"side": "resistance", "last_price": 63_700.0}),
        LevelRetired(**_common_fields("retired"), reason="outranked"),
    )


def _common_fields(event_type: LevelEventType, stage: Stage = "confirmed") -> dict[str, Any]:
    level_id = f"S{to_ms(_CANDLE - timedelta(hours=90))}"
    return {
        "event_id": make_level_event_id(event_type, _MARKET.key, level_id, to_ms(_CANDLE), stage),
        "market": _MARKET,
        "level_id": level_id,
        "side": "support",
        "origin_side": "support",
        "price": 64_000.5,
        "low": 63_840.2,
        "high": 64_160.8,
        "at": _CLOSE,
        "candle_at": _CANDLE,
        "last_price": 64_400.0,
    }
