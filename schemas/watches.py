"""What a watch is made of: its conditions, states and rules, and how its notifications are delivered. Pure.

The HTTP bodies are in `schemas.http.watches` and `schemas.http.watch_delivery`.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, time
from string import Formatter
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from schemas.events import Side
from schemas.market import Market, MarketType
from schemas.payload import Payload, make_event_id
from schemas.values import ExactNumber, Number

Condition = Literal["touch", "approach", "cross_up", "cross_down", "close_above", "close_below"]
FireCondition = Literal[Condition, "near"]
"""`near`: of a standing watch."""
OnMove = Literal["follow", "hold", "cancel"]
"""What happens to a watch when its level moves or disappears."""

Repeat = Literal["once", "always"]
WatchStatus = Literal["active", "paused", "fired", "expired", "cancelled"]

CLOSES: frozenset[Condition] = frozenset({"close_above", "close_below"})
"""Conditions on the close of a candle; they need a timeframe."""

PLACEHOLDERS = (
    "symbol", "exchange", "market_type", "side", "condition", "target", "price", "note", "timeframe", "time",
)  # fmt: skip
"""What a template may contain in braces. Each stands for text: nothing of a template is ever executed."""

MAX_TEMPLATE = 500
MAX_TARGETS = 20
MAX_TARGET_NAME = 128


class MuteHours(Payload):
    """Hours of the day in which nothing is sent; `start` later than `end` spans midnight."""

    start: Annotated[str, Field(description="First minute that is mute, `HH:MM`.", examples=["22:00"])]
    end: Annotated[str, Field(description="First minute that is not, `HH:MM`.", examples=["07:00"])]
    zone: Annotated[
        str, Field(description="Time zone of both, by its IANA name.", examples=["Europe/Berlin"])
    ]

    def contains(self, at: datetime) -> bool:
        """Return whether `at`, which has a zone, is in these hours. A zone that is unknown here mutes nothing."""
        try:
            local = at.astimezone(ZoneInfo(self.zone)).time()
            start, end = time.fromisoformat(self.start), time.fromisoformat(self.end)
        except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError
            return False
        return start <= local < end if start < end else local >= start or local < end


class WatchDelivery(Payload):
    """How notifications about a watch are delivered. What is absent or null is as for every other watch."""

    targets: Annotated[
        tuple[str, ...] | None,
        Field(description="Names of the targets to deliver to; null for all.", examples=[["telegram 1"]]),
    ] = None
    template: Annotated[
        str | None,
        Field(
            description="Message about a fire, with placeholders in braces; null for the standard one.",
            examples=["{symbol} {condition} {target}"],
        ),
    ] = None
    mute: Annotated[MuteHours | None, Field(description="Hours without notifications; null for none.")] = None

    def is_muted(self, at: datetime) -> bool:
        return self.mute is not None and self.mute.contains(at)


def find_template_error(template: str) -> str | None:
    """Return what is wrong with a template, and what to do; None for a valid one."""
    try:
        pieces = list(Formatter().parse(template))
    except ValueError:
        return "a brace is not paired: write {{ or }} for a brace of the text"
    for _, name, spec, conversion in pieces:
        if name is None:
            continue
        if spec or conversion:
            return f"{{{name}}} takes no format: write only the name in braces"
        if name not in PLACEHOLDERS:
            return f"{{{name}}} is no placeholder: use {', '.join(f'{{{one}}}' for one in PLACEHOLDERS)}"
    return None


def render_template(template: str, values: Mapping[str, str]) -> str:
    """Return a valid template with its placeholders replaced. Braces in the values stay as they are."""
    return "".join(_render_pieces(template, values))


def _render_pieces(template: str, values: Mapping[str, str]) -> Iterator[str]:
    for text, name, _, _ in Formatter().parse(template):
        yield text
        if name is not None:
            yield values[name]


StandingState = Literal["active", "paused"]

NEAR = "near"
"""The condition of its fires."""
LEAVE_FACTOR = 1.2
"""A level leaves beyond this multiple of the distance: on the edge it would enter again and again."""
MAX_MARKETS = 1_000


class StandingQuestion(Payload):
    """Which levels, and how near. Exactly one distance; null means no filter."""

    within_pct: Annotated[
        ExactNumber | None, Field(gt=0, le=10, description="Largest distance, in percent of the price.")
    ] = None
    within_atr: Annotated[
        ExactNumber | None,
        Field(gt=0, le=10, description="Largest distance, in mean true ranges of a candle."),
    ] = None
    side: Annotated[Side | None, Field(description="Where the level lies from the price.")] = None
    fresh: Annotated[
        bool | None,
        Field(
            description="`true`: only levels that were not visited since their anchor; `false`: only others."
        ),
    ] = None
    min_touches: Annotated[int | None, Field(ge=1, le=1_000, description="Least number of visits.")] = None
    timeframe: Annotated[str | None, Field(max_length=8, description="Length of a candle.")] = None
    exchange: Annotated[str | None, Field(max_length=32, description="Exchange of the markets.")] = None
    market_type: Annotated[MarketType | None, Field(description="Type of the markets.")] = None
    quote: Annotated[str | None, Field(max_length=32, description="End of the symbol, such as `USDT`.")] = (
        None
    )
    markets: Annotated[
        tuple[str, ...] | None,
        Field(
            max_length=MAX_MARKETS,
            description="Only these markets, as `exchange:market_type:symbol`; null for all.",
            examples=[["binance:spot:BTCUSDT"]],
        ),
    ] = None

    def wants_market(self, market: Market) -> bool:
        """Return whether levels of `market` are asked for."""
        return self.wants_kind(market) and (self.markets is None or market.instrument in self.markets)

    def wants_kind(self, market: Market) -> bool:
        """Return whether levels of markets such as `market` are asked for, whatever `markets` names."""
        return (
            self.timeframe in {None, market.timeframe}
            and self.exchange in {None, market.exchange}
            and self.market_type in {None, market.market_type}
            and (self.quote is None or market.symbol.endswith(self.quote))
        )

    def wants_touches(self, touches: int) -> bool:
        """Return whether levels with this number of visits are asked for."""
        if self.fresh is not None and (touches <= 1) != self.fresh:
            return False
        return self.min_touches is None or touches >= self.min_touches


class NearbyLevel(Payload):
    """A level that price came near to."""

    market: Annotated[Market, Field(description="The market.")]
    level_id: Annotated[str, Field(description="Id of the level.")]
    target: Annotated[Number, Field(description="Price of the level.")]
    price: Annotated[Number, Field(description="The price that came near.")]


def standing_fire_id(watch_id: str, members: list[tuple[str, str, int]]) -> str:
    """Return the id of the fire for members: market key, level and time (ms) of entering of each."""
    return make_event_id("near", watch_id, *(f"{key}/{level}/{at}" for key, level, at in sorted(members)))
