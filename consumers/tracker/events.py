"""Build the events of levels from their changes. Pure."""

from typing import TypedDict

from consumers.tracker.live import LiveHit, OpenEvent
from levels.lifecycle import ChangeKind, LevelChange, TrackedLevel
from levels.results import Side
from schemas.candles.unchanged import AnalysisUnchanged
from schemas.events import AnalysisCompleted, Level
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
    make_level_event_id,
)
from schemas.market import Market, candle_end
from schemas.values import Time, from_ms, round_significant, to_ms


class CommonFields(TypedDict):
    """The fields of every event of a level."""

    event_id: str
    market: Market
    level_id: str
    side: Side
    origin_side: Side
    price: float
    low: float
    high: float
    at: Time
    candle_at: Time
    last_price: float


class CloseEvents:
    """Builds the events of one close, which `result` shows, or an event that no level changed."""

    def __init__(self, result: AnalysisCompleted | AnalysisUnchanged) -> None:
        self._result = result
        levels = result.levels if isinstance(result, AnalysisCompleted) else ()
        self._levels = {level.level_id: level for level in levels}
        self._candle_at = to_ms(result.candle_at)
        self._closed_at = from_ms(candle_end(self._candle_at, result.market.timeframe))

    def from_change(self, change: LevelChange) -> AnyLevelEvent:
        """Return the event of a change between the levels before and those of the result."""
        fields = self._common_fields(change.kind, change)
        match change.kind:
            case "appeared":
                return self._build_appeared(fields, self._levels[change.level_id], change.linked_id)
            case "touched":
                level = self._levels[change.level_id]
                return LevelTouched(**fields, touches=level.touches, last_touch_at=level.last_touch_at)
            case "bounced":
                return LevelBounced(**fields, bounces=change.bounces or 0)
            case "broke":
                return LevelBroke(**fields, breaks=change.breaks or 0)
            case "flipped":
                return LevelFlipped(**fields)
            case "retired":
                reason = change.reason or "unfit"
                return LevelRetired(**fields, reason=reason, continued_as=change.linked_id)

    def build_approached(self, level: TrackedLevel, distance_pct: float) -> LevelApproached:
        """Return the event that price is near a level."""
        return LevelApproached(**self._common_fields("approached", level), distance_pct=distance_pct)

    def build_withdrawn(self, event: OpenEvent, level: TrackedLevel) -> LevelApproached | LevelTouched:
        """Return that this close does not show a live event of `level`."""
        fields = self._common_fields(event.kind, level) | {
            "event_id": make_level_event_id(
                event.kind, self._result.market.key, level.level_id, event.candle_at, "withdrawn"
            ),
            "candle_at": from_ms(event.candle_at),
        }
        if event.kind == "approached":
            distance = to_distance_pct(level.price, self._result.last_price)
            return LevelApproached(**fields, stage="withdrawn", distance_pct=distance)
        return LevelTouched(
            **fields,
            stage="withdrawn",
            touches=level.touches,
            last_touch_at=from_ms(level.last_touch_at),
        )

    def _build_appeared(self, fields: CommonFields, level: Level, continues: str | None) -> LevelAppeared:
        return LevelAppeared(
            **fields,
            touches=level.touches,
            bounces=level.bounces,
            breaks=level.breaks,
            first_touch_at=level.first_touch_at,
            last_touch_at=level.last_touch_at,
            score=level.score,
            p_reach_100=level.p_reach_100,
            continues=continues,
        )

    def _common_fields(
        self, kind: ChangeKind | LevelEventType, of: LevelChange | TrackedLevel
    ) -> CommonFields:
        result = self._result
        return {
            "event_id": make_level_event_id(kind, result.market.key, of.level_id, self._candle_at),
            "market": result.market,
            "level_id": of.level_id,
            "side": of.side,
            "origin_side": of.origin_side,
            "price": of.price,
            "low": of.low,
            "high": of.high,
            "at": self._closed_at,
            "candle_at": result.candle_at,
            "last_price": result.last_price,
        }


def to_live_event(hit: LiveHit) -> LevelApproached | LevelTouched:
    """Return the event of a price between closes."""
    level, price = hit.level, hit.tick.price
    fields: CommonFields = {
        "event_id": make_level_event_id(hit.kind, hit.market.key, level.level_id, hit.candle_at, "live"),
        "market": hit.market,
        "level_id": level.level_id,
        "side": level.side,
        "origin_side": level.origin_side,
        "price": level.price,
        "low": level.low,
        "high": level.high,
        "at": from_ms(hit.tick.traded_at),
        "candle_at": from_ms(hit.candle_at),
        "last_price": price,
    }
    if hit.kind == "approached":
        return LevelApproached(**fields, stage="live", distance_pct=to_distance_pct(level.price, price))
    return LevelTouched(
        **fields, stage="live", touches=level.touches + 1, last_touch_at=from_ms(hit.candle_at)
    )


def to_distance_pct(price: float, last_price: float) -> float:
    """Return the distance of a level from the price, in percent of the price."""
    return round_significant(abs(price - last_price) / last_price * 100.0)
