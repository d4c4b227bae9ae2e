"""Answers as frozen dataclasses. Fields that this version does not know are in `raw`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Base of all answers. `raw` is the JSON object as it was received."""

    raw: Mapping[str, Any] = field(repr=False, compare=False, default_factory=dict)

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """Build the model from a JSON object; absent fields keep their defaults.

        Raises TypeError without a required field.
        """
        known = {one.name for one in fields(cls)} - {"raw"}
        values = {name: cls._convert(name, value) for name, value in data.items() if name in known}
        return cls(raw=data, **values)

    @classmethod
    def _convert(cls, name: str, value: Any) -> Any:
        return _convert_time(name, value)


def _convert_time(name: str, value: Any) -> Any:
    """Return a time as a datetime: fields with times are called `at` or end in `_at`."""
    is_time = isinstance(value, str) and (name == "at" or name.endswith("_at"))
    return datetime.fromisoformat(value) if is_time else value


@dataclass(frozen=True, slots=True, kw_only=True)
class Level(Model):
    """A price level with its evidence."""

    level_id: str
    side: str
    price: float
    low: float
    high: float
    score: float
    touches: int
    bounces: int
    breaks: int
    distance_pct: float
    origin_side: str = ""
    first_touch_at: datetime | None = None
    last_touch_at: datetime | None = None
    confirmed_at: datetime | None = None
    p_hold: float | None = None
    placebo: float | None = None
    n: int | None = None
    p_reach_24: float | None = None
    distance_atr: float | None = None
    p_reach_100: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _WithLevels(Model):
    levels: tuple[Level, ...] = ()

    @classmethod
    def _convert(cls, name: str, value: Any) -> Any:
        if name == "levels":
            return tuple(Level.read(level) for level in value or ())
        return _convert_time(name, value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result(_WithLevels):
    """The newest analysis of a market, or one of the past. Rows of other backends have no levels and no `candle_at`."""

    id: int
    exchange: str
    symbol: str
    market_type: str
    timeframe: str
    input_limit: int
    last_price: float
    support_levels: list[float]
    resistance_levels: list[float]
    updated_at: datetime
    candle_at: datetime | None = None
    analyzed_at: datetime | None = None
    request_id: str | None = None
    algorithm: str | None = None

    @property
    def market(self) -> str:
        """The market key, such as `binance:spot:BTCUSDT:1h`."""
        return f"{self.exchange}:{self.market_type}:{self.symbol}:{self.timeframe}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication(_WithLevels):
    """One published result of a market."""

    candle_at: datetime
    analyzed_at: datetime
    recorded_at: datetime
    last_price: float
    support_levels: list[float]
    resistance_levels: list[float]
    request_id: str
    algorithm: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(Model):
    """The state of a request: `queued`, `completed` or `failed`."""

    request_id: str
    status: str
    reason: str | None = None
    message: str | None = None
    market: str | None = None
    queued_at: datetime | None = None
    ended_at: datetime | None = None
    result_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch(Model):
    """A price watch."""

    id: str
    exchange: str
    market_type: str
    symbol: str
    condition: str
    target: float
    side: str
    state: str
    fires: int
    repeat: str
    level_id: str | None = None
    note: str | None = None
    expires_at: datetime | None = None
    last_fired_at: datetime | None = None
    last_price: float | None = None
    distance_pct: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fire(Model):
    """One fire of a watch. `fire_id` recognises one that was already handled."""

    fire_id: str
    watch_id: str
    price: float
    target: float
    side: str
    at: datetime
    condition: str
    level_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NearLevel(Model):
    """A level by its distance to `last_price`, which is a live price if `is_live`, else that of the analysis."""

    market: Mapping[str, Any]
    level_id: str
    side: str
    price: float
    low: float
    high: float
    distance_pct: float
    last_price: float
    is_live: bool
    score: float
    touches: int
    bounces: int
    breaks: int
    distance_atr: float | None = None
    origin_side: str = ""
    p_reach_24: float | None = None
    p_reach_100: float | None = None
    first_touch_at: datetime | None = None
    last_touch_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelEvent(Model):
    """What happened at a level: `type` is `touched`, `bounced` and so on; what each type has besides is in `raw`."""

    type: str
    event_id: str
    market: Mapping[str, Any]
    level_id: str
    side: str
    price: float
    low: float
    high: float
    at: datetime
    candle_at: datetime
    last_price: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Candle(Model):
    """One candle; `timestamp` is its open time. One that is not closed still changes."""

    timestamp: datetime
    open: float
    high: float
    low: float
    close: float
    volume: float
    is_closed: bool

    @classmethod
    def _convert(cls, name: str, value: Any) -> Any:
        return datetime.fromtimestamp(value / 1000, UTC) if name == "timestamp" else value
