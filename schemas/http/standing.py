"""Request and response bodies of standing watches. One fires for each level that comes near enough to the price."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic.json_schema import SkipJsonSchema

from schemas.http.base import ResponseModel
from schemas.http.watch_delivery import WatchDeliveryBody
from schemas.market import check_timeframe, normalize_instrument
from schemas.values import Time
from schemas.watches import StandingQuestion, StandingState, WatchDelivery


class StandingQuestionBody(StandingQuestion):
    """The question of a new standing watch."""

    @field_validator("exchange")
    @classmethod
    def _lower(cls, name: str | None) -> str | None:
        return name.strip().lower() or None if name is not None else None

    @field_validator("quote")
    @classmethod
    def _upper(cls, quote: str | None) -> str | None:
        return quote.strip().upper() or None if quote is not None else None

    @field_validator("timeframe")
    @classmethod
    def _check_timeframe(cls, timeframe: str | None) -> str | None:
        return check_timeframe(timeframe) if timeframe is not None else None

    @field_validator("markets")
    @classmethod
    def _check_markets(cls, markets: tuple[str, ...] | None) -> tuple[str, ...] | None:
        """Return each in stored form, once. Raises ValueError for one that is no `exchange:market_type:symbol`."""
        return tuple(dict.fromkeys(map(normalize_instrument, markets))) if markets is not None else None

    @model_validator(mode="after")
    def _check_distance(self) -> "StandingQuestionBody":
        if (self.within_pct is None) == (self.within_atr is None):
            raise ValueError("give one of within_pct and within_atr")
        return self


def _check_name(name: str) -> str:
    if not name.strip() or not name.isprintable():
        raise ValueError("must have letters, and no control characters")
    return name.strip()


Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_check_name)]

_NAME = "Its name, which its notifications begin with."
_QUESTION = "Which levels, and how near."
_DELIVERY = "How its notifications are delivered; null as for every other watch."
_STATE = "State of the watch. The set may grow."


class StandingWatchBody(BaseModel):
    """A new standing watch. Levels that are near already fire once they have been away."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[Name, Field(description=_NAME, examples=["supports of my markets"])]
    question: Annotated[StandingQuestionBody, Field(description=_QUESTION)]
    delivery: Annotated[WatchDeliveryBody | None, Field(description=_DELIVERY)] = None


class StandingWatchPatch(BaseModel):
    """Changes to a standing watch. Absent fields stay; null clears `delivery`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[Name | SkipJsonSchema[None], Field(description=_NAME)] = None
    state: Annotated[StandingState | SkipJsonSchema[None], Field(description=_STATE)] = None
    delivery: Annotated[WatchDeliveryBody | None, Field(description=_DELIVERY)] = None

    @field_validator("name", "state")
    @classmethod
    def _reject_null(cls, value: object) -> object:
        """Runs for fields that were sent only."""
        if value is None:
            raise ValueError("cannot be null: leave it out to keep it as it is")
        return value


class StandingWatch(ResponseModel):
    """A standing watch."""

    id: Annotated[str, Field(description="Id of the watch.")]
    name: Annotated[str, Field(description=_NAME)]
    question: Annotated[StandingQuestion, Field(description=_QUESTION)]
    delivery: Annotated[WatchDelivery | None, Field(description=_DELIVERY)]
    state: Annotated[StandingState, Field(description=_STATE)]
    inside: Annotated[int, Field(description="Number of levels that are near enough now.")]
    last_fired_at: Annotated[Time | None, Field(description="Time of the last fire.")]
    created_at: Annotated[Time, Field(description="Time of creation.")]
    updated_at: Annotated[Time, Field(description="Time of the last change.")]


class StandingWatchResponse(ResponseModel):
    """One standing watch."""

    data: Annotated[StandingWatch, Field(description="The watch.")]


class StandingWatchList(ResponseModel):
    """All standing watches, the newest first."""

    data: Annotated[list[StandingWatch], Field(description="The watches.")]
