"""The events on the topics: frozen, versioned by name, and only ever added to within a version.

Field for field what docs/events.md promises to subscribers in any language.
"""

import uuid
from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from schemas.market import Market, MarketType
from schemas.values import Number, RequestId, Time

MOST_IDS = 500
"""One event names at most so many requests; more become several events."""

Side = Literal["support", "resistance"]
FailureReason = Literal[
    "invalid_request",
    "unknown_exchange",
    "unknown_symbol",
    "bad_timeframe",
    "too_few_candles",
    "expired",
    "internal",
]

MOST_MESSAGE = 1_000
"""Characters of a failure's message: callers' words may be in it, and callers can be long-winded."""

_NAMESPACE = uuid.UUID("5f0c2f5e-3a0b-5d57-9d0f-7a1d1b6f7c11")


class Payload(BaseModel):
    """Unknown fields are ignored, so that an older reader survives a newer writer."""

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
    """`candle_at`: open time of the last closed candle; `input_limit`: how many closed candles were analysed."""

    request_ids: Annotated[tuple[RequestId, ...], Field(min_length=1, max_length=MOST_IDS)]
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
        """Only an equal answer to the same requests repeats it."""
        return _id_of(
            self.market.key, self.params_hash, self.candles_hash, ",".join(sorted(self.request_ids))
        )


class AnalysisFailed(Payload):
    """`market` is None where the request named none that could be read."""

    request_ids: Annotated[tuple[RequestId, ...], Field(min_length=1, max_length=MOST_IDS)]
    market: Market | None
    reason: FailureReason
    message: str
    attempts: int
    failed_at: Time

    @property
    def event_id(self) -> str:
        return _id_of("failed", self.reason, ",".join(sorted(self.request_ids)))


class PriceTicked(Payload):
    """What a market traded at, at `at` by the exchange's clock."""

    exchange: str
    market_type: MarketType
    symbol: str
    price: Number
    at: Time

    @property
    def key(self) -> str:
        """`binance:spot:BTCUSDT`: a market whatever the timeframe."""
        return f"{self.exchange}:{self.market_type}:{self.symbol}"

    @property
    def event_id(self) -> str:
        return _id_of("price", self.key, self.at.isoformat(), repr(self.price))


class WatchFired(Payload):
    fire_id: str
    watch_id: str
    exchange: str
    market_type: MarketType
    symbol: str
    condition: str
    target: Number
    price: Number
    side: Literal["long", "short"]
    at: Time
    level_id: str | None = None


def in_batches(request_ids: Iterable[str], most: int = MOST_IDS) -> list[tuple[str, ...]]:
    """Ids without repeats, in order of arrival, cut into what one event may name."""
    ids = tuple(dict.fromkeys(request_ids))
    return [ids[start : start + most] for start in range(0, len(ids), most)]


def _id_of(*parts: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, "\n".join(parts)))
