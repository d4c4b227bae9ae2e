"""Watches, standing watches and their fires, as the API answers them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from strandline_client.model import Model, Nested


@dataclass(frozen=True, slots=True, kw_only=True)
class MuteHours(Model):
    """Hours of a day in which nothing is sent: `start` and `end` as `HH:MM`, in the time zone `zone`."""

    start: str
    end: str
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchDelivery(Model):
    """How notifications about a watch are delivered; None is as for every other watch."""

    NESTED: ClassVar[Nested] = {"mute": MuteHours}

    targets: list[str] | None = None
    template: str | None = None
    mute: MuteHours | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch(Model):
    """A price watch. `blind`: no price of its market is known, so it cannot fire."""

    NESTED: ClassVar[Nested] = {"delivery": WatchDelivery}

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
    cooldown_seconds: int
    created_at: datetime
    updated_at: datetime
    timeframe: str | None = None
    within_pct: float | None = None
    within_atr: float | None = None
    level_id: str | None = None
    on_move: str | None = None
    expires_at: datetime | None = None
    note: str | None = None
    delivery: WatchDelivery | None = None
    client_key: str | None = None
    last_fired_at: datetime | None = None
    last_fired_price: float | None = None
    last_fired_late: bool = False
    last_price: float | None = None
    price_at: datetime | None = None
    blind: bool = False
    blind_since: datetime | None = None
    distance_pct: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fire(Model):
    """One fire of a watch. `fire_id` recognises one that was already handled; `late`: a candle showed it afterwards."""

    fire_id: str
    watch_id: str
    price: float
    target: float
    side: str
    at: datetime
    condition: str
    level_id: str | None = None
    late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingQuestion(Model):
    """Which levels a standing watch is for: those that price comes near to. None: any."""

    within_pct: float | None = None
    within_atr: float | None = None
    side: str | None = None
    fresh: bool | None = None
    min_touches: int | None = None
    timeframe: str | None = None
    exchange: str | None = None
    market_type: str | None = None
    quote: str | None = None
    markets: list[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingWatch(Model):
    """A watch for all levels that its question selects. `inside`: how many of them price is near to now."""

    NESTED: ClassVar[Nested] = {"question": StandingQuestion, "delivery": WatchDelivery}

    id: str
    name: str
    question: StandingQuestion
    state: str
    inside: int
    created_at: datetime
    updated_at: datetime
    delivery: WatchDelivery | None = None
    last_fired_at: datetime | None = None
