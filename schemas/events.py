"""The events on the topics: frozen, versioned by name; within a version fields are only added.

docs/events.md documents every field for subscribers.
"""

import uuid
from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, TypeAdapter

from schemas.market import Market, MarketType, instrument_key
from schemas.values import Number, RequestId, Time

MAX_REQUEST_IDS = 500
"""Maximum number of requests that one event names; more become several events."""

Side = Literal["support", "resistance"]
Direction = Literal["long", "short"]
"""The trade that a watch is for."""

FailureReason = Literal[
    "invalid_request",
    "unknown_exchange",
    "unknown_symbol",
    "bad_timeframe",
    "too_few_candles",
    "expired",
    "internal",
]

MAX_MESSAGE_LENGTH = 1_000
"""Maximum characters of a failure's message, which may quote the caller."""

_NAMESPACE = uuid.UUID("5f0c2f5e-3a0b-5d57-9d0f-7a1d1b6f7c11")


class Payload(BaseModel):
    """Base of all payloads. Unknown fields are ignored, so that an older reader accepts a newer writer's events."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class ScoreParts(Payload):
    touches: Number
    volume: Number
    distance: Number
    direction: Number


class Level(Payload):
    level_id: str
    side: Side
    origin_side: Side
    price: Number
    low: Number
    high: Number
    score: Number
    score_parts: ScoreParts
    touches: int
    bounces: int
    breaks: int
    first_touch_at: Time
    last_touch_at: Time
    confirmed_at: Time
    windows: tuple[int, ...]
    distance_pct: Number
    p_hold: Number | None = None
    placebo: Number | None = None
    n: int | None = None


class AnalysisCompleted(Payload):
    """The result of an analysis of `input_limit` closed candles; `candle_at`: open time of the last of them."""

    request_ids: Annotated[tuple[RequestId, ...], Field(min_length=1, max_length=MAX_REQUEST_IDS)]
    market: Market
    input_limit: int
    last_price: Number
    candle_at: Time
    analyzed_at: Time
    support_levels: tuple[Number, ...]
    resistance_levels: tuple[Number, ...]
    levels: tuple[Level, ...]
    algorithm: str
    params_hash: str
    candles_hash: str

    @property
    def event_id(self) -> str:
        """The id of the event; only an equal result for the same requests repeats it."""
        return _make_id(
            self.market.key, self.params_hash, self.candles_hash, ",".join(sorted(self.request_ids))
        )


class AnalysisFailed(Payload):
    """The failure of requests. `market` is None if the request named no readable one."""

    request_ids: Annotated[tuple[RequestId, ...], Field(min_length=1, max_length=MAX_REQUEST_IDS)]
    market: Market | None
    reason: FailureReason
    message: str
    attempts: int
    failed_at: Time

    @property
    def event_id(self) -> str:
        return _make_id("failed", self.reason, ",".join(sorted(self.request_ids)))


class PriceTicked(Payload):
    """The price of a market at `at` by the exchange's clock."""

    exchange: str
    market_type: MarketType
    symbol: str
    price: Number
    at: Time

    @property
    def key(self) -> str:
        """`binance:spot:BTCUSDT`: the market without a timeframe."""
        return instrument_key(self.exchange, self.market_type, self.symbol)

    @property
    def event_id(self) -> str:
        return _make_id("price", self.key, self.at.isoformat(), repr(self.price))


class WatchFired(Payload):
    """A watch fired. `at`: the time of the price. `arm`: which arming fired, from 1; `fire_id` follows from it."""

    type: Literal["fired"] = "fired"
    fire_id: str
    watch_id: str
    exchange: str
    market_type: MarketType
    symbol: str
    condition: str
    target: Number
    price: Number
    side: Direction
    at: Time
    level_id: str | None = None
    arm: Annotated[int, Field(ge=1)] = 1

    @property
    def event_id(self) -> str:
        return self.fire_id


class WatchExpired(Payload):
    """A watch expired. `at`: the watch's `expires_at`. The watch may have fired just before."""

    type: Literal["expired"] = "expired"
    watch_id: str
    exchange: str
    market_type: MarketType
    symbol: str
    condition: str
    target: Number
    side: Direction
    at: Time
    level_id: str | None = None

    @property
    def event_id(self) -> str:
        return _make_id("expired", self.watch_id, self.at.isoformat())


def fire_id(watch_id: str, arm: int) -> str:
    """Return the UUIDv5 of the watch and its arming, so that a republished fire keeps its id."""
    return _make_id("fired", watch_id, str(arm))


def _watch_event_tag(value: object) -> str:
    """Return the tag of a watch event; without a type it is a fire, as older events are."""
    named = value.get("type", "fired") if isinstance(value, dict) else getattr(value, "type", None)
    return named if isinstance(named, str) else "?"


WatchEvent = Annotated[
    Annotated[WatchFired, Tag("fired")] | Annotated[WatchExpired, Tag("expired")],
    Discriminator(_watch_event_tag),
]

_WATCH_EVENT: TypeAdapter[WatchFired | WatchExpired] = TypeAdapter(WatchEvent)


def read_watch_event(value: bytes) -> WatchFired | WatchExpired:
    """Decode a record of the watch events. Raises ValidationError, and OverflowError for a time out of range."""
    return _WATCH_EVENT.validate_json(value)


def split_request_ids(request_ids: Iterable[str], most: int = MAX_REQUEST_IDS) -> list[tuple[str, ...]]:
    """Return unique ids in order of arrival, in batches that fit into one event."""
    ids = tuple(dict.fromkeys(request_ids))
    return [ids[start : start + most] for start in range(0, len(ids), most)]


def _make_id(*parts: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, "\n".join(parts)))
