"""Watches over HTTP: what callers send, and what they get. A watch says when a price should be told of."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from schemas.events import Direction
from schemas.market import MarketType
from schemas.values import Number, RequestId, Time
from schemas.views import View

Condition = Literal["touch", "cross_up", "cross_down", "close_above", "close_below"]
OnMove = Literal["follow", "hold", "cancel"]
Repeat = Literal["once", "always"]
WatchState = Literal["active", "paused", "fired", "expired", "cancelled"]

CLOSES: frozenset[Condition] = frozenset({"close_above", "close_below"})
"""Conditions that look at the last price of a candle, and so name a timeframe."""

_LONGEST_COOLDOWN = 30 * 86_400
_EXAMPLE: dict[str, Any] = {
    "symbol": "BTCUSDT",
    "condition": "touch",
    "target": 64000.5,
    "side": "long",
    "repeat": "once",
    "client_key": "my-watch-1",
}


def _without_nul(words: str) -> str:
    # MySQL takes it, SQLite ends the text there.
    if "\0" in words:
        raise ValueError("must not have NUL characters")
    return words


Target = Annotated[Number, Field(gt=0, le=1e15)]
Cooldown = Annotated[
    int, Field(ge=0, le=_LONGEST_COOLDOWN, description="seconds after a fire without another")
]
Note = Annotated[str, Field(max_length=200), AfterValidator(_without_nul)]


class WatchBody(BaseModel):
    """What callers send to make a watch. With a `level_id`, `target` may be left out: the level's present price.

    Unknown fields are ignored, null means absent.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", json_schema_extra={"examples": [_EXAMPLE]})

    symbol: Annotated[str, Field(max_length=128, examples=["BTCUSDT", "BTC/USDT"])]
    exchange: Annotated[str, Field(max_length=32)] | None = None
    market_type: MarketType = "spot"
    condition: Condition
    target: Target | None = None
    side: Direction
    timeframe: Annotated[
        str, Field(max_length=20, description="whose closes; or that of the level's market")
    ] = "1h"
    level_id: Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_without_nul)] | None = None
    on_move: (
        Annotated[OnMove, Field(description="when the level moves or disappears: follow unless said")] | None
    ) = None
    repeat: Repeat = "once"
    cooldown_seconds: Cooldown | None = None
    expires_at: Time | None = None
    note: Note | None = None
    client_key: Annotated[RequestId, Field(description="repeat it safely: one watch a key")] | None = None

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, body: object) -> object:
        if isinstance(body, Mapping):
            return {name: value for name, value in body.items() if value is not None}
        return body

    @field_validator("market_type", mode="before")
    @classmethod
    def _lower(cls, written: object) -> object:
        return written.lower() if isinstance(written, str) else written

    @model_validator(mode="after")
    def _whole(self) -> "WatchBody":
        if self.target is None and self.level_id is None:
            raise ValueError("give a target, or the level_id of a level")
        if self.on_move is not None and self.level_id is None:
            raise ValueError("on_move needs a level_id")
        return self


class WatchPatch(BaseModel):
    """What may be changed; what is left out stays. null takes away `expires_at` and `note`, and nothing else."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    target: Target | None = None
    side: Direction | None = None
    condition: Condition | None = None
    repeat: Repeat | None = None
    cooldown_seconds: Cooldown | None = None
    expires_at: Time | None = None
    note: Note | None = None
    state: Literal["active", "paused"] | None = None

    @property
    def given(self) -> dict[str, Any]:
        """The changes that were written down, by field."""
        written = {name: getattr(self, name) for name in self.model_fields_set}
        return {
            name: value
            for name, value in written.items()
            if value is not None or name in {"expires_at", "note"}
        }


class Watch(View):
    """`distance_pct`: how far the last price is from the target, in percent of that price; negative when above it.

    `on_move`: what becomes of it when its level moves. `fires`: how often it fired.
    """

    id: str
    exchange: str
    market_type: MarketType
    symbol: str
    condition: Condition
    timeframe: str | None
    target: float
    side: Direction
    level_id: str | None
    on_move: OnMove | None
    repeat: Repeat
    cooldown_seconds: int
    expires_at: Time | None
    note: str | None
    client_key: str | None
    state: WatchState
    fires: int
    last_fired_at: Time | None
    last_fired_price: float | None
    created_at: Time
    updated_at: Time
    last_price: float | None = None
    distance_pct: float | None = None


class OneWatch(View):
    data: Watch


class WatchesPage(View):
    """The newest first."""

    data: list[Watch]
    total: int
    page: int
    pageSize: int  # noqa: N815 (as ResultsPage has it)
    totalPages: int  # noqa: N815


class Fire(View):
    """`at` is the time of the price that fired; `target` where it stood then."""

    fire_id: str
    watch_id: str
    price: float
    target: float
    side: Direction
    at: Time
    condition: Condition
    level_id: str | None


class Fires(View):
    """The newest first."""

    data: list[Fire]
