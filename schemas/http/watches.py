"""Request and response bodies of watches. A watch fires when a price meets its condition."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from schemas.events import Direction
from schemas.http.base import Page, Price, ResponseModel
from schemas.market import MarketType
from schemas.values import Number, RequestId, Time
from schemas.watches import Condition, OnMove, Repeat, WatchStatus

_MAX_COOLDOWN = 30 * 86_400
_EXAMPLE: dict[str, Any] = {
    "symbol": "BTCUSDT",
    "condition": "touch",
    "target": 64000.5,
    "side": "long",
    "repeat": "once",
    "client_key": "my-watch-1",
}


def _reject_nul(text: str) -> str:
    # MySQL stores NUL, SQLite ends the text there.
    if "\0" in text:
        raise ValueError("must not contain NUL characters")
    return text


Target = Annotated[Number, Field(gt=0, le=1e15, description="Price to watch for.")]
Side = Annotated[Direction, Field(description="Which trade the watch is for.")]
WatchCondition = Annotated[
    Condition,
    Field(description="What the price must do at the target. `close_*` compare the close of a candle."),
]
RepeatRule = Annotated[Repeat, Field(description="Whether the watch ends after its first fire.")]
Cooldown = Annotated[
    int, Field(ge=0, le=_MAX_COOLDOWN, description="Seconds after a fire in which it does not fire again.")
]
Expiry = Annotated[Time, Field(description="Time at which the watch expires; null for never.")]
Note = Annotated[str, Field(max_length=200, description="Free text."), AfterValidator(_reject_nul)]


class WatchBody(BaseModel):
    """A new watch. With a `level_id`, `target` defaults to the present price of that level.

    Unknown fields are ignored; null means absent.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", json_schema_extra={"examples": [_EXAMPLE]})

    symbol: Annotated[
        str, Field(max_length=128, description="Symbol of the market.", examples=["BTCUSDT", "BTC/USDT"])
    ]
    exchange: (
        Annotated[str, Field(max_length=32, description="Exchange; the default one if absent.")] | None
    ) = None
    market_type: Annotated[MarketType, Field(description="Type of the market.")] = "spot"
    condition: WatchCondition
    target: Target | None = None
    side: Side
    timeframe: Annotated[
        str, Field(max_length=20, description="Candles of `close_*` conditions, and of the level's market.")
    ] = "1h"
    level_id: (
        Annotated[
            str,
            Field(min_length=1, max_length=64, description="Level that the watch is bound to."),
            AfterValidator(_reject_nul),
        ]
        | None
    ) = None
    on_move: (
        Annotated[
            OnMove,
            Field(description="What happens when the level moves or disappears; `follow` by default."),
        ]
        | None
    ) = None
    repeat: RepeatRule = "once"
    cooldown_seconds: Cooldown | None = None
    expires_at: Expiry | None = None
    note: Note | None = None
    client_key: (
        Annotated[RequestId, Field(description="Idempotency key: one key creates one watch.")] | None
    ) = None

    @model_validator(mode="before")
    @classmethod
    def _drop_nulls(cls, body: object) -> object:
        if isinstance(body, Mapping):
            return {name: value for name, value in body.items() if value is not None}
        return body

    @field_validator("market_type", mode="before")
    @classmethod
    def _lower(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @model_validator(mode="after")
    def _check_target(self) -> "WatchBody":
        if self.target is None and self.level_id is None:
            raise ValueError("give a target, or the level_id of a level")
        if self.on_move is not None and self.level_id is None:
            raise ValueError("on_move needs a level_id")
        return self


class WatchPatch(BaseModel):
    """Changes to a watch. Absent fields stay; null clears `expires_at` and `note` and is ignored elsewhere."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    target: Target | None = None
    side: Side | None = None
    condition: WatchCondition | None = None
    repeat: RepeatRule | None = None
    cooldown_seconds: Cooldown | None = None
    expires_at: Expiry | None = None
    note: Note | None = None
    state: Annotated[
        Literal["active", "paused"] | None,
        Field(description="`active` also restarts a watch that fired, expired or was cancelled."),
    ] = None

    def get_changes(self) -> dict[str, Any]:
        """Return the fields to change, with their new values."""
        sent = {name: getattr(self, name) for name in self.model_fields_set}
        return {
            name: value for name, value in sent.items() if value is not None or name in {"expires_at", "note"}
        }


class Watch(ResponseModel):
    """A watch with the latest price of its market."""

    id: Annotated[str, Field(description="Id of the watch.")]
    exchange: Annotated[str, Field(description="Exchange of the market.")]
    market_type: Annotated[MarketType, Field(description="Type of the market. The set may grow.")]
    symbol: Annotated[str, Field(description="Symbol of the market, without separator.")]
    condition: WatchCondition
    timeframe: Annotated[
        str | None, Field(description="Candles of `close_*` conditions or of the level's market.")
    ]
    target: Annotated[Price, Field(description="Price that the watch waits for.")]
    side: Side
    level_id: Annotated[str | None, Field(description="Level that the watch is bound to.")]
    on_move: Annotated[OnMove | None, Field(description="What happens when the level moves or disappears.")]
    repeat: RepeatRule
    cooldown_seconds: Annotated[int, Field(description="Seconds after a fire without another.")]
    expires_at: Annotated[Time | None, Field(description="Time at which the watch expires; null for never.")]
    note: Annotated[str | None, Field(description="Free text.")]
    client_key: Annotated[str | None, Field(description="Idempotency key of its creation.")]
    state: Annotated[WatchStatus, Field(description="State of the watch. The set may grow.")]
    fires: Annotated[int, Field(description="Number of times it has fired.")]
    last_fired_at: Annotated[Time | None, Field(description="Time of the last fire.")]
    last_fired_price: Annotated[Price | None, Field(description="Price of the last fire.")]
    created_at: Annotated[Time, Field(description="Time of creation.")]
    updated_at: Annotated[Time, Field(description="Time of the last change.")]
    last_price: Annotated[Price | None, Field(description="Latest known price of the market.")] = None
    distance_pct: Annotated[
        Price | None,
        Field(description="Distance of the target from the last price in percent; negative if below it."),
    ] = None


class WatchResponse(ResponseModel):
    """One watch."""

    data: Annotated[Watch, Field(description="The watch.")]


class WatchPage(Page[Watch]):
    """One page of watches, the newest first."""


class WatchFire(ResponseModel):
    """One fire of a watch."""

    fire_id: Annotated[str, Field(description="Id of the fire.")]
    watch_id: Annotated[str, Field(description="Id of the watch.")]
    price: Annotated[Price, Field(description="Price that met the condition.")]
    target: Annotated[Price, Field(description="Target of the watch at that time.")]
    side: Side
    at: Annotated[Time, Field(description="Time of that price.")]
    condition: WatchCondition
    level_id: Annotated[str | None, Field(description="Level that the watch was bound to.")]


class WatchFires(ResponseModel):
    """Fires of a watch, the newest first."""

    data: Annotated[list[WatchFire], Field(description="The fires.")]
