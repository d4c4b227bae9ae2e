"""One example of each event, as a record that the code itself encodes."""

from datetime import UTC, datetime, timedelta

from schemas.candles.closed import CandleClosed
from schemas.candles.unchanged import AnalysisUnchanged
from schemas.contracts.level_examples import build_level_examples
from schemas.events import AnalysisCompleted, AnalysisFailed, Level, PriceTicked, ScoreParts
from schemas.market import Market
from schemas.requests import AnalysisRequested
from schemas.topics import (
    Encoded,
    encode_candle,
    encode_completed,
    encode_failed,
    encode_price,
    encode_request,
    encode_unchanged,
    encode_watch_event,
)
from schemas.watch_events import WatchBlinded, WatchExpired, WatchFired, WatchSighted, fire_id

_TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
_NOW = datetime(2026, 11, 22, 12, 0, 3, tzinfo=UTC)
_CANDLE = datetime(2026, 11, 22, 11, tzinfo=UTC)
_MARKET = Market(exchange="binance", symbol="BTCUSDT", market_type="spot", timeframe="1h")
_WATCH_ID = "9b2f7c1e-6a0d-4b1c-8a55-2f6f0a3d9e11"


def build_examples() -> dict[str, Encoded]:
    """Return a record of each event, by the event's title."""
    return {
        "AnalysisRequested": encode_request(
            _build_request(), source="/strandline/api", at=_NOW, traceparent=_TRACE
        ),
        "AnalysisCompleted": encode_completed(
            _build_completed(), source="/strandline/analyzer", traceparent=_TRACE
        ),
        "AnalysisFailed": encode_failed(_build_failed(), source="/strandline/analyzer", traceparent=_TRACE),
        "PriceTicked": encode_price(_build_price(), source="/strandline/prices"),
        "CandleClosed": encode_candle(_build_candle(), source="/strandline/feed", at=_NOW),
        "AnalysisUnchanged": encode_unchanged(_build_unchanged(), source="/strandline/analyzer"),
        "WatchFired": encode_watch_event(_build_fired(), source="/strandline/watcher", traceparent=_TRACE),
        "WatchExpired": encode_watch_event(_build_expired(), source="/strandline/watcher"),
        "WatchBlinded": encode_watch_event(_build_blinded(), source="/strandline/watcher"),
        "WatchSighted": encode_watch_event(_build_sighted(), source="/strandline/watcher"),
        **build_level_examples(),
    }


def _build_request() -> AnalysisRequested:
    return AnalysisRequested(
        **_MARKET.model_dump(),
        limit=2_000,
        request_id="my-7",
        expires_at=_NOW + timedelta(hours=1),
        params={},
    )


def _build_completed() -> AnalysisCompleted:
    return AnalysisCompleted(
        request_ids=("my-7",),
        market=_MARKET,
        input_limit=1_999,
        last_price=65_432.1,
        candle_at=_CANDLE,
        analyzed_at=_NOW,
        support_levels=(64_000.5,),
        resistance_levels=(),
        levels=(_build_level(),),
        algorithm="strandline/2",
        params_hash="9c3f0b6a51d2e874",
        candles_hash="5b1e0f6d27a94c38",
    )


def _build_level() -> Level:
    anchor = _CANDLE - timedelta(hours=90)
    return Level(
        level_id=f"S{int(anchor.timestamp()) * 1000}",
        side="support",
        origin_side="support",
        price=64_000.5,
        low=63_840.2,
        high=64_160.8,
        score=7.25,
        score_parts=ScoreParts(touches=3.0, volume=1.5, distance=1.75, direction=1.0),
        touches=4,
        bounces=3,
        breaks=1,
        first_touch_at=_CANDLE - timedelta(hours=80),
        last_touch_at=_CANDLE - timedelta(hours=9),
        confirmed_at=_CANDLE - timedelta(hours=4),
        windows=(5, 10),
        distance_pct=2.18791,
        p_hold=0.431,
        placebo=0.431,
        n=20_982,
        p_reach_24=0.212,
        p_reach_100=0.548,
        distance_atr=2.41,
    )


def _build_failed() -> AnalysisFailed:
    return AnalysisFailed(
        request_ids=("my-8",),
        market=_MARKET,
        reason="expired",
        message="binance did not answer before the request expired: HTTP 503",
        attempts=3,
        failed_at=_NOW,
    )


def _build_price() -> PriceTicked:
    return PriceTicked(exchange="binance", market_type="spot", symbol="BTCUSDT", price=65_432.1, at=_NOW)


def _build_candle() -> CandleClosed:
    return CandleClosed(
        exchange="binance",
        market_type="spot",
        symbol="BTCUSDT",
        timeframe="1h",
        open_at=_CANDLE,
        open=65_400.0,
        high=65_450.5,
        low=65_380.2,
        close=65_432.1,
        volume=812.25,
        source="rollup",
    )


def _build_unchanged() -> AnalysisUnchanged:
    return AnalysisUnchanged(
        market=_MARKET,
        candle_at=_CANDLE,
        last_price=65_432.1,
        input_limit=1_999,
        analyzed_at=_NOW,
        candles_hash="5b1e0f6d27a94c38",
        levels_hash="0d4c9ab1f27e3358",
        levels_at=_CANDLE - timedelta(hours=2),
        levels_request_id="close:binance:spot:BTCUSDT:1h:20261122T090000Z",
    )


def _build_fired() -> WatchFired:
    return WatchFired(
        fire_id=fire_id(_WATCH_ID, 1),
        watch_id=_WATCH_ID,
        exchange="binance",
        market_type="spot",
        symbol="BTCUSDT",
        condition="touch",
        target=64_000.5,
        price=64_000.2,
        side="long",
        at=_NOW,
        level_id=_build_level().level_id,
        arm=1,
    )


def _build_blinded() -> WatchBlinded:
    return WatchBlinded(**_build_expired().model_dump(exclude={"type"}))


def _build_sighted() -> WatchSighted:
    fields = _build_expired().model_dump(exclude={"type"})
    return WatchSighted(**fields, blind_from=_NOW - timedelta(minutes=6))


def _build_expired() -> WatchExpired:
    return WatchExpired(
        watch_id=_WATCH_ID,
        exchange="binance",
        market_type="spot",
        symbol="BTCUSDT",
        condition="touch",
        target=64_000.5,
        side="long",
        at=_NOW,
    )
