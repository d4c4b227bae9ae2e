"""Events of levels as they come, and the records that carry them."""

from datetime import datetime
from typing import Any

from broker.ports import Record
from schemas.level_events import AnyLevelEvent, LevelAppeared, LevelBroke, LevelTouched, make_level_event_id
from schemas.market import Market
from schemas.topics import LEVELS
from schemas.values import to_ms
from tests.support.events import NOON, make_market, make_record

_COUNTS = {"touches": 3, "bounces": 2, "breaks": 0}
_TIMES = {"first_touch_at": NOON, "last_touch_at": NOON}


def _fields(kind: Any, market: Market, level_id: str, at: datetime) -> dict[str, Any]:
    event_id = make_level_event_id(kind, market.key, level_id, to_ms(at))
    level = {"level_id": level_id, "side": "support", "origin_side": "support", "price": 64_000.5}
    times = {"at": at, "candle_at": at, "last_price": 64_100.0}
    return {"event_id": event_id, "market": market, "low": 63_900.0, "high": 64_100.0, **level, **times}


def make_appeared(market: Market | None = None, *, at: datetime = NOON, **changed: Any) -> LevelAppeared:
    fields = _fields("appeared", market or make_market(), "S1", at)
    return LevelAppeared(**fields | _COUNTS | _TIMES | {"score": 4.0} | changed)


def make_touched(market: Market | None = None, *, at: datetime = NOON, **changed: Any) -> LevelTouched:
    fields = _fields("touched", market or make_market(), "S1", at)
    return LevelTouched(**fields | {"touches": 4, "last_touch_at": at} | changed)


def make_broke(market: Market | None = None, *, at: datetime = NOON, **changed: Any) -> LevelBroke:
    fields = _fields("broke", market or make_market(), "S1", at)
    return LevelBroke(**fields | {"breaks": 1} | changed)


def level_record(event: AnyLevelEvent, *, at: datetime = NOON, offset: int = 0) -> Record:
    return make_record(LEVELS.name, event.model_dump_json().encode(), at=at, offset=offset)
