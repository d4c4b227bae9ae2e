"""Which events of levels a webhook receives. Pure."""

from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from runtime.errors import ConfigurationError
from schemas.events import Side
from schemas.level_events import AnyLevelEvent, LevelEventType, Stage, stage_of
from schemas.market import Market, MarketType, check_timeframe, normalize_instrument

Instrument = Annotated[str, AfterValidator(normalize_instrument)]


class LevelFilter(BaseModel):
    """Absent means all. `quote`: the end of the symbol; `min_touches`: visits to the level until the event."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    types: frozenset[LevelEventType] | None = None
    stages: frozenset[Stage] | None = None
    markets: frozenset[Instrument] | None = None
    exchange: Annotated[str, AfterValidator(lambda name: name.strip().lower())] | None = None
    market_type: MarketType | None = None
    timeframe: Annotated[str, AfterValidator(check_timeframe)] | None = None
    quote: Annotated[str, AfterValidator(lambda quote: quote.strip().upper())] | None = None
    side: Side | None = None
    min_touches: Annotated[int, Field(ge=1)] | None = None

    def wants(self, event: AnyLevelEvent) -> bool:
        """Return whether the event passes all but `min_touches`."""
        return (
            (self.types is None or event.type in self.types)
            and (self.stages is None or stage_of(event) in self.stages)
            and self.side in {None, event.side}
            and self._wants_market(event.market)
        )

    def _wants_market(self, market: Market) -> bool:
        return (
            self.exchange in {None, market.exchange}
            and self.market_type in {None, market.market_type}
            and self.timeframe in {None, market.timeframe}
            and (self.quote is None or market.symbol.endswith(self.quote))
            and (self.markets is None or market.instrument in self.markets)
        )

    def wants_touches(self, touches: int | None) -> bool:
        """Return whether a level with that many visits passes; one whose visits are not known does."""
        return self.min_touches is None or touches is None or touches >= self.min_touches


class LevelWebhook(LevelFilter):
    """A URL, and which events are sent there."""

    url: SecretStr

    @model_validator(mode="after")
    def _check_sets(self) -> Self:
        if any(chosen is not None and not chosen for chosen in (self.types, self.stages, self.markets)):
            raise ValueError("types, stages and markets must not be empty: leave out what is not filtered")
        return self


_WEBHOOKS: TypeAdapter[tuple[LevelWebhook, ...]] = TypeAdapter(tuple[LevelWebhook, ...])


def read_level_webhooks(setting: SecretStr | None) -> tuple[LevelWebhook, ...]:
    """Read STRANDLINE_LEVEL_WEBHOOKS. Raises ConfigurationError, which repeats no URL."""
    if setting is None:
        return ()
    try:
        return _WEBHOOKS.validate_json(setting.get_secret_value())
    except ValidationError as error:
        wrong = "; ".join(_describe(each["loc"], each["msg"]) for each in error.errors(include_input=False))
        raise ConfigurationError(f"STRANDLINE_LEVEL_WEBHOOKS: {wrong}") from None


def _describe(where: tuple[int | str, ...], message: str) -> str:
    number, *parts = where or (0,)
    place = [f"number {number + 1}"] if where and isinstance(number, int) else []
    return ", ".join((*place, *map(str, parts[:1]), message))
