"""Results, levels, jobs and candles, as the API answers them. Fields that this version does not know are in `raw`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

from strandline_client.model import Market, Model, Nested


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreParts(Model):
    """The parts of a score, weights included."""

    touches: float
    volume: float
    distance: float
    direction: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Level(Model):
    """A price level with its evidence."""

    NESTED: ClassVar[Nested] = {"score_parts": ScoreParts}

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
    origin_side: str
    first_touch_at: datetime
    last_touch_at: datetime
    confirmed_at: datetime
    score_parts: ScoreParts
    windows: list[int]
    p_hold: float | None = None
    placebo: float | None = None
    n: int | None = None
    p_reach_24: float | None = None
    distance_atr: float | None = None
    p_reach_100: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _WithLevels(Model):
    NESTED: ClassVar[Nested] = {"levels": Level}

    levels: tuple[Level, ...] = ()


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
    created_at: datetime
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
    input_limit: int
    last_price: float
    support_levels: list[float]
    resistance_levels: list[float]
    request_id: str
    algorithm: str
    params_hash: str
    candles_hash: str


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
class NearLevel(Model):
    """A level by its distance to `last_price`, which is a live price if `is_live`, else that of the analysis."""

    NESTED: ClassVar[Nested] = {"market": Market}

    market: Market
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
    origin_side: str
    first_touch_at: datetime
    last_touch_at: datetime
    known_at: datetime
    distance_atr: float | None = None
    p_reach_24: float | None = None
    p_reach_100: float | None = None
    p_hold: float | None = None
    placebo: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelEvent(Model):
    """What happened at a level: `type` is `appeared`, `touched` and so on. Fields that its type lacks are None."""

    NESTED: ClassVar[Nested] = {"market": Market}

    type: str
    event_id: str
    market: Market
    level_id: str
    side: str
    origin_side: str
    price: float
    low: float
    high: float
    at: datetime
    candle_at: datetime
    last_price: float
    stage: str | None = None
    touches: int | None = None
    bounces: int | None = None
    breaks: int | None = None
    first_touch_at: datetime | None = None
    last_touch_at: datetime | None = None
    score: float | None = None
    distance_pct: float | None = None
    p_reach_100: float | None = None
    reason: str | None = None
    continues: str | None = None
    continued_as: str | None = None


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


@dataclass(frozen=True, slots=True, kw_only=True)
class TradableMarket(Model):
    """A market that its exchange trades; `volume` is that of a day, in the quote currency."""

    exchange: str
    market_type: str
    symbol: str
    volume: float | None = None
