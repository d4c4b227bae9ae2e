"""A question for levels near the price, and its answer. Pure."""

from dataclasses import dataclass
from typing import NamedTuple

from schemas.events import Side
from schemas.market import Market


@dataclass(frozen=True, slots=True)
class NearQuestion:
    """Which levels are asked for; None means no filter.

    within_pct, within_atr    largest distance, in percent of the price and in mean true ranges of a candle
    side       where the level lies from the live price
    is_fresh   whether the visit of its anchor is its only one
    min_reach  of `p_reach_100`
    quote      the end of the symbol
    instruments    of the markets, as `exchange:market_type:symbol`
    """

    within_pct: float | None = None
    within_atr: float | None = None
    side: Side | None = None
    is_fresh: bool | None = None
    min_touches: int | None = None
    min_reach: float | None = None
    timeframe: str | None = None
    exchange: str | None = None
    market_type: str | None = None
    quote: str | None = None
    instruments: frozenset[str] | None = None
    limit: int = 50

    def wants_market(self, market: Market) -> bool:
        """Return whether levels of `market` are asked for."""
        return (
            self.timeframe in {None, market.timeframe}
            and self.exchange in {None, market.exchange}
            and self.market_type in {None, market.market_type}
            and (self.quote is None or market.symbol.endswith(self.quote))
            and (self.instruments is None or market.instrument in self.instruments)
        )


class StoredLevel(NamedTuple):
    """What is kept of a published level. `atr`: mean true range as a fraction of price; times in ms."""

    market: Market
    level_id: str
    origin_side: Side
    price: float
    low: float
    high: float
    score: float
    touches: int
    bounces: int
    breaks: int
    p_reach_24: float | None
    p_reach_100: float | None
    p_hold: float | None
    placebo: float | None
    atr: float | None
    first_touch_at: int
    last_touch_at: int
    known_at: int


class NearHit(NamedTuple):
    """A level and the price that it is near to. `is_live`: the price is not that of an analysis."""

    level: StoredLevel
    side: Side
    distance_pct: float
    distance_atr: float | None
    last_price: float
    is_live: bool


class NearAnswer(NamedTuple):
    """The nearest levels, and how many there are in all."""

    hits: list[NearHit]
    total: int
