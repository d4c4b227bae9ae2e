"""The rows of the tables as typed dictionaries, so that mypy refuses a misspelt column. Times are naive UTC.

One class a table of `schemas/tables.py`, with all of its columns (tests/unit/schemas/test_records.py).
"""

from datetime import datetime
from typing import Any, TypedDict, TypeVar, cast

from sqlalchemy import Row

from schemas.events import Side
from schemas.http.jobs import JobStatus
from schemas.level_events import LevelEventType, LevelState
from schemas.market import MarketType
from schemas.watch_events import Direction
from schemas.watches import Condition, FireCondition, OnMove, Repeat, WatchStatus

R = TypeVar("R")


class MarketColumns(TypedDict):
    """The columns that name a market, in the spelling of the backend that wrote the row."""

    exchange: str
    symbol: str
    market_type: str
    timeframe: str


class ResultRecord(MarketColumns):
    """A row of `analysis_results`. Other backends may have stored any value of the column type.

    `candle_at` is in ms.
    """

    id: int
    input_limit: int
    support_levels: object
    resistance_levels: object
    last_price: float
    created_at: datetime
    updated_at: datetime
    candle_at: int | None
    analyzed_at: datetime | None
    request_id: str | None
    algorithm: str | None
    levels: object


class JobSummaryRecord(TypedDict):
    """A row of `analysis_jobs` without the request itself and its attempts."""

    request_id: str
    market: str | None
    status: JobStatus
    reason: str | None
    message: str | None
    queued_at: datetime | None
    ended_at: datetime | None
    result_id: int | None


class CanaryRecord(TypedDict):
    """The columns of a job of the canary that its seconds follow from."""

    request_id: str
    queued_at: datetime | None
    ended_at: datetime | None


class JobRecord(JobSummaryRecord):
    """A row of `analysis_jobs`."""

    attempts: int | None
    request: dict[str, Any] | None


class PublicationRecord(TypedDict):
    """A row of `analysis_history`. `candle_at` is in ms."""

    market: str
    candle_at: int
    analyzed_at: datetime
    params_hash: str
    candles_hash: str
    recorded_at: datetime
    input_limit: int
    last_price: float
    support_levels: object
    resistance_levels: object
    levels: object
    request_id: str
    algorithm: str


class WatchRecord(TypedDict):
    """A row of `watches`."""

    id: str
    client_key: str | None
    requested: str
    exchange: str
    market_type: MarketType
    symbol: str
    timeframe: str | None
    condition: Condition
    target: float
    side: Direction
    level_id: str | None
    level_price: float | None
    level_low: float | None
    level_high: float | None
    on_move: OnMove | None
    repeat: Repeat
    cooldown_seconds: int
    expires_at: datetime | None
    note: str | None
    state: WatchStatus
    since: datetime
    fires: int
    armed_at: datetime | None
    last_fired_at: datetime | None
    last_fired_price: float | None
    version: int
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None
    delivery: dict[str, Any] | None
    last_fired_late: bool
    within_pct: float | None
    within_atr: float | None
    atr: float | None


class FireRecord(TypedDict):
    """A row of `watch_fires`."""

    fire_id: str
    watch_id: str
    arm: int
    condition: FireCondition
    target: float
    price: float
    side: Direction
    level_id: str | None
    at: datetime
    recorded_at: datetime
    late: bool
    exchange: str | None
    market_type: MarketType | None
    symbol: str | None


class WatchedPriceRecord(TypedDict):
    """A row of `watched_prices`. Times are in ms."""

    exchange: str
    market_type: MarketType
    symbol: str
    price: float
    traded_at: int
    known_at: int
    unchecked_from: int | None


class TargetRecord(TypedDict):
    """A row of `notification_targets`."""

    name: str
    kind: str
    seen_at: datetime
    delivered_at: datetime | None
    error: str | None
    test_id: str | None
    test_state: str | None
    test_error: str | None
    address_hash: str | None
    gone_at: datetime | None


class PushSubscriptionRecord(TypedDict):
    """A row of `push_subscriptions`."""

    id: str
    endpoint: str
    p256dh: str
    auth: str
    created_at: datetime


class LevelRecord(TypedDict):
    """A row of `levels`. Times of candles are in ms."""

    market: str
    level_id: str
    exchange: str
    market_type: MarketType
    symbol: str
    timeframe: str
    side: Side
    origin_side: Side
    price: float
    low: float
    high: float
    score: float
    p_reach_100: float | None
    touches: int
    bounces: int
    breaks: int
    first_touch_at: int
    last_touch_at: int
    state: LevelState
    appeared_at: int
    candle_at: int
    updated_at: datetime


class LevelEventRecord(TypedDict):
    """A row of `level_events`."""

    event_id: str
    market: str
    level_id: str
    type: LevelEventType
    at: datetime
    event: object
    recorded_at: datetime


class TrackedMarketRecord(TypedDict):
    """A row of `tracked_markets`. `candle_at` is in ms."""

    market: str
    candle_at: int
    state: str


class OpenLevelEventRecord(TypedDict):
    """A row of `open_level_events`. `candle_at` is in ms."""

    event_id: str
    market: str
    level_id: str
    type: LevelEventType
    candle_at: int
    event: str


class StandingWatchRecord(TypedDict):
    """A row of `standing_watches`."""

    id: str
    name: str
    question: dict[str, Any]
    delivery: dict[str, Any] | None
    state: str
    version: int
    created_at: datetime
    updated_at: datetime


class StandingMemberRecord(TypedDict):
    """A row of `standing_members`. `entered_at` is in ms."""

    watch_id: str
    market: str
    level_id: str
    instrument: str
    entered_at: int
    is_inside: bool
    entry: str | None
    fire_id: str | None


class FeedRecord(TypedDict):
    """A row of `feeds`: the part of an exchange that one feed follows.

    closed_until    the end of its newest closed minute, in ms by the exchange's clock
    """

    exchange: str
    market_type: str
    share: str
    markets: int
    closed_until: int


class WatchlistEntryRecord(TypedDict):
    """A row of `watchlist_entries`: an entry in the settings of a role, as a key."""

    role: str
    entry: str
    priority: int


class WatchlistChangeRecord(TypedDict):
    """A row of `watchlist_changes`.

    entry           key of an entry of the watchlist
    is_followed       whether its markets are followed
    """

    entry: str
    is_followed: bool
    priority: int
    changed_at: datetime


class MarketRecord(TypedDict):
    """A row of `markets`. `volume`: of 24 hours, in the quote currency."""

    exchange: str
    market_type: MarketType
    symbol: str
    volume: float | None
    refreshed_at: datetime


class ApiKeyRecord(TypedDict):
    """A row of `api_keys`."""

    id: str
    name: str
    hash: str
    scopes: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


def to_record(row: Row[Any], shape: type[R]) -> R:
    """Return `row` as the typed dictionary `shape`; the statement must have selected all of its columns."""
    return cast(R, dict(row._mapping))
