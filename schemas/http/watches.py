"""Request and response bodies of watches. A watch fires when a price meets its condition."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic.json_schema import SkipJsonSchema

from schemas.http.base import Page, Price, ResponseModel, Timeframe
from schemas.http.watch_delivery import WatchDeliveryBody
from schemas.market import MarketType
from schemas.values import RequestId, Time, round_significant
from schemas.watch_events import Direction
from schemas.watches import Condition, OnMove, Repeat, WatchDelivery, WatchStatus

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


Target = Annotated[
    float,
    Field(gt=0, le=1e15, allow_inf_nan=False, json_schema_extra={"format": "double"}),
    AfterValidator(round_significant),
]
WithinPct = Annotated[float, Field(gt=0, le=50, allow_inf_nan=False, json_schema_extra={"format": "double"})]
WithinAtr = Annotated[float, Field(gt=0, le=100, allow_inf_nan=False, json_schema_extra={"format": "double"})]
Cooldown = Annotated[int, Field(ge=0, le=_MAX_COOLDOWN)]
Note = Annotated[str, Field(max_length=200), AfterValidator(_reject_nul)]
LevelId = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_reject_nul)]

_SIDE = "Trade that the watch is for."
_CONDITION = (
    "What the price must do at the target; `approach` is to come within a distance of it, "
    "`close_*` compare the close of a candle. The set may grow."
)
_LATE = "Whether a candle showed it, because no price did. Its time is that of the candle; it was published later."
_REPEAT = "Whether it fires once or always again."
_COOLDOWN = "Seconds after a fire in which it does not fire again: 0, or 60 where it repeats, if absent."
_TARGET = "Price to watch for; with a `level_id` the present price of the level, if absent."
_WITHIN_PCT = "Of an `approach`: how near the price must come to the target, in percent of the target."
_WITHIN_ATR = (
    "Of an `approach`: the same in mean true ranges of a candle of `timeframe`, as they are when this is set."
)
_EXPIRES_AT = "Time at which the watch expires; null for never."
_DELIVERY = "How its notifications are delivered; null as for every other watch."
_ON_MOVE = "What happens to the watch when its level moves or disappears; `follow` if absent."


def find_distance_error(
    condition: Condition, within_pct: float | None, within_atr: float | None
) -> str | None:
    """Return what is wrong with the distance of a watch; None for a valid one. Pure."""
    given = [name for name, value in (("within_pct", within_pct), ("within_atr", within_atr)) if value]
    if condition == "approach" and len(given) != 1:
        return "condition approach: give within_pct or within_atr, and not both"
    if condition != "approach" and given:
        return f"{given[0]}: only the condition approach has a distance"
    return None


class WatchBody(BaseModel):
    """A new watch. With a `level_id`, `target` defaults to the present price of that level.

    Unknown fields are refused, since a misspelt one would have no effect; null means absent.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    symbol: Annotated[
        str, Field(max_length=128, description="Symbol of the market.", examples=["BTCUSDT", "BTC/USDT"])
    ]
    exchange: Annotated[
        Annotated[str, Field(max_length=32)] | None,
        Field(description="Exchange; the default exchange if absent."),
    ] = None
    market_type: Annotated[MarketType, Field(description="Type of the market; `spot` if absent.")] = "spot"
    condition: Annotated[Condition, Field(description=_CONDITION)]
    target: Annotated[Target | None, Field(description=_TARGET)] = None
    side: Annotated[Direction, Field(description=_SIDE)]
    timeframe: Annotated[
        str,
        Field(
            max_length=20,
            description="Candles of a `close_*` condition, and of the level's market; `1h` if absent.",
        ),
    ] = "1h"
    within_pct: Annotated[WithinPct | None, Field(description=_WITHIN_PCT)] = None
    within_atr: Annotated[WithinAtr | None, Field(description=_WITHIN_ATR)] = None
    level_id: Annotated[LevelId | None, Field(description="Level that the watch is bound to.")] = None
    on_move: Annotated[OnMove | None, Field(description=_ON_MOVE)] = None
    repeat: Annotated[Repeat, Field(description=f"{_REPEAT} `once` if absent.")] = "once"
    cooldown_seconds: Annotated[Cooldown | None, Field(description=_COOLDOWN)] = None
    expires_at: Annotated[Time | None, Field(description=_EXPIRES_AT)] = None
    note: Annotated[Note | None, Field(description="Free text.")] = None
    delivery: Annotated[WatchDeliveryBody | None, Field(description=_DELIVERY)] = None
    client_key: Annotated[
        RequestId | None, Field(description="Idempotency key: one key creates one watch.")
    ] = None

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
        if error := find_distance_error(self.condition, self.within_pct, self.within_atr):
            raise ValueError(error)
        return self


class WatchPatch(BaseModel):
    """Changes to a watch. Absent fields stay; null clears `expires_at`, `note` and `delivery`.

    Another `target` or `condition` arms a watch that fired or was cancelled again, `repeat: always` one that fired, and
    a later `expires_at` (or null) one that expired; `state` in the answer shows it. Other fields are refused.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    target: Annotated[Target | SkipJsonSchema[None], Field(description="New target.")] = None
    side: Annotated[Direction | SkipJsonSchema[None], Field(description=_SIDE)] = None
    condition: Annotated[Condition | SkipJsonSchema[None], Field(description=_CONDITION)] = None
    within_pct: Annotated[WithinPct | SkipJsonSchema[None], Field(description=_WITHIN_PCT)] = None
    within_atr: Annotated[WithinAtr | SkipJsonSchema[None], Field(description=_WITHIN_ATR)] = None
    on_move: Annotated[
        OnMove | SkipJsonSchema[None],
        Field(description="What happens to a watch of a level when the level moves or disappears."),
    ] = None
    repeat: Annotated[Repeat | SkipJsonSchema[None], Field(description=_REPEAT)] = None
    cooldown_seconds: Annotated[
        Cooldown | SkipJsonSchema[None],
        Field(description="Seconds after a fire in which it does not fire again."),
    ] = None
    expires_at: Annotated[Time | None, Field(description=_EXPIRES_AT)] = None
    note: Annotated[Note | None, Field(description="Free text; null to clear it.")] = None
    delivery: Annotated[WatchDeliveryBody | None, Field(description=_DELIVERY)] = None
    state: Annotated[
        Literal["active", "paused"] | SkipJsonSchema[None],
        Field(description="`active` also restarts a watch that fired, expired or was cancelled."),
    ] = None

    @field_validator(
        "target",
        "side",
        "condition",
        "within_pct",
        "within_atr",
        "on_move",
        "repeat",
        "cooldown_seconds",
        "state",
    )
    @classmethod
    def _reject_null(cls, value: object) -> object:
        """Runs for fields that were sent only."""
        if value is None:
            raise ValueError("cannot be null: leave it out to keep it as it is")
        return value

    def get_changes(self) -> dict[str, Any]:
        """Return the fields to change, with their new values."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class Watch(ResponseModel):
    """A watch with the latest price of its market."""

    id: Annotated[str, Field(description="Id of the watch.")]
    exchange: Annotated[str, Field(description="Exchange of the market.")]
    market_type: Annotated[MarketType, Field(description="Type of the market. The set may grow.")]
    symbol: Annotated[str, Field(description="Symbol of the market, without separator.")]
    condition: Annotated[Condition, Field(description=_CONDITION)]
    timeframe: Annotated[
        Timeframe | None,
        Field(description="Candles of `close_*` conditions or of the level's market. The set may grow."),
    ]
    target: Annotated[Price, Field(description="Price that the watch waits for.")]
    side: Annotated[Direction, Field(description=_SIDE)]
    within_pct: Annotated[Price | None, Field(description=_WITHIN_PCT)]
    within_atr: Annotated[Price | None, Field(description=_WITHIN_ATR)]
    level_id: Annotated[str | None, Field(description="Level that the watch is bound to.")]
    on_move: Annotated[OnMove | None, Field(description="What happens when the level moves or disappears.")]
    repeat: Annotated[Repeat, Field(description=_REPEAT)]
    cooldown_seconds: Annotated[int, Field(description="Seconds after a fire without another.")]
    expires_at: Annotated[Time | None, Field(description="Time at which the watch expires; null for never.")]
    note: Annotated[str | None, Field(description="Free text.")]
    delivery: Annotated[WatchDelivery | None, Field(description=_DELIVERY)]
    client_key: Annotated[str | None, Field(description="Idempotency key of its creation.")]
    state: Annotated[WatchStatus, Field(description="State of the watch. The set may grow.")]
    fires: Annotated[int, Field(description="Number of times it has fired.")]
    last_fired_at: Annotated[Time | None, Field(description="Time of the last fire.")]
    last_fired_price: Annotated[Price | None, Field(description="Price of the last fire.")]
    last_fired_late: Annotated[bool, Field(description=f"Of the last fire: {_LATE}")]
    created_at: Annotated[Time, Field(description="Time of creation.")]
    updated_at: Annotated[Time, Field(description="Time of the last change.")]
    last_price: Annotated[Price | None, Field(description="Latest known price of the market.")] = None
    price_at: Annotated[Time | None, Field(description="Time of `last_price`.")] = None
    blind: Annotated[
        bool,
        Field(
            description="Whether the price is unknown for too long: the watch cannot fire, `last_price` is old."
        ),
    ] = False
    blind_since: Annotated[
        Time | None, Field(description="Time until which the price is known, while the watch is blind.")
    ] = None
    distance_pct: Annotated[
        Price | None,
        Field(description="Distance of the target from the last price in percent; negative if below it."),
    ] = None


class WatchResponse(ResponseModel):
    """One watch."""

    data: Annotated[Watch, Field(description="The watch.")]


class WatchPage(Page[Watch]):
    """One page of watches, the newest first."""


class AnyFire(ResponseModel):
    """What every fire has."""

    fire_id: Annotated[str, Field(description="Id of the fire.")]
    watch_id: Annotated[str, Field(description="Id of the watch.")]
    price: Annotated[Price, Field(description="Price that met the condition.")]
    target: Annotated[Price, Field(description="Target of the watch at that time.")]
    side: Annotated[Direction, Field(description=_SIDE)]
    at: Annotated[Time, Field(description="Time of that price.")]
    level_id: Annotated[str | None, Field(description="Level that the watch was bound to.")]
    late: Annotated[bool, Field(description=_LATE)]


class WatchFire(AnyFire):
    """One fire of a watch."""

    condition: Annotated[Condition, Field(description=_CONDITION)]


class WatchFires(ResponseModel):
    """Fires of a watch, the newest first."""

    data: Annotated[list[WatchFire], Field(description="The fires.")]
