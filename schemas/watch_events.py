"""The events of watches: frozen, versioned by name; within a version fields are only added."""

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag, TypeAdapter

from schemas.payload import Exchange, InstrumentType, Payload, Symbol, make_event_id
from schemas.values import Number, Time
from schemas.watches import NearbyLevel, WatchDelivery

Direction = Literal["long", "short"]
"""The trade that a watch is for."""

WatchId = Annotated[str, Field(description="Id of the watch, as in `GET /api/v1/watches/{id}`.")]
WatchCondition = Annotated[
    str,
    Field(
        description="`touch`, `approach`, `cross_up`, `cross_down`, `close_above`, `close_below`, or `near` of a "
        "standing watch. The set may grow.",
        examples=["touch"],
    ),
]
WatchTarget = Annotated[
    Number, Field(description="Target price of the watch at that time.", examples=[64000.5])
]
WatchSide = Annotated[
    Direction, Field(description="The trade that the watch is meant for. The set is closed.")
]
WatchLevel = Annotated[
    str | None,
    Field(description="The level that the watch is bound to, or null.", examples=["S1700000000000"]),
]

WatchNote = Annotated[
    str | None,
    Field(description="The note of the watch, as its owner typed it, or null.", examples=["first target"]),
]
WatchTimeframe = Annotated[
    str | None,
    Field(description="Timeframe of its close condition or of its level, or null.", examples=["1h"]),
]


WatchDeliveries = Annotated[
    WatchDelivery | None,
    Field(description="How notifications about the watch are delivered; null as for every other watch."),
]


class WatchFired(Payload):
    """A watch fired. `at`: the time of the price. `arm`: which arming fired, from 1; `fire_id` follows from it."""

    type: Annotated[Literal["fired"], Field(description="Which event of a watch this is.")] = "fired"
    fire_id: Annotated[
        str,
        Field(
            description="A UUIDv5 of watch and `arm`, or of a standing watch and its levels; also the `ce_id`. It "
            "recognises a fire that was already handled."
        ),
    ]
    watch_id: WatchId
    exchange: Exchange
    market_type: InstrumentType
    symbol: Symbol
    condition: WatchCondition
    target: WatchTarget
    price: Annotated[Number, Field(description="The price that fired.", examples=[64000.2])]
    side: WatchSide
    at: Annotated[Time, Field(description="Time of the price, by the exchange's clock.")]
    level_id: WatchLevel = None
    timeframe: WatchTimeframe = None
    note: WatchNote = None
    delivery: WatchDeliveries = None
    arm: Annotated[
        int, Field(ge=1, description="Number of the arming that fired, counted from 1 without gaps.")
    ] = 1
    others: Annotated[
        tuple[NearbyLevel, ...],
        Field(
            description="Of a standing watch the other levels that price came near to and this fire is for as well, 50 "
            "at most; empty for one level, and for other watches."
        ),
    ] = ()
    others_total: Annotated[int, Field(ge=0, description="Number of all of these others.")] = 0
    late: Annotated[
        bool,
        Field(
            description="Whether a candle showed it after prices were missing: `at` is then the open time of that "
            "minute, or the end of the candle whose close met the condition."
        ),
    ] = False

    @property
    def event_id(self) -> str:
        return self.fire_id


class WatchNotice(Payload):
    """What the events of a watch other than its fires have in common."""

    type: str
    watch_id: WatchId
    exchange: Exchange
    market_type: InstrumentType
    symbol: Symbol
    condition: WatchCondition
    target: WatchTarget
    side: WatchSide
    at: Time
    level_id: WatchLevel = None
    timeframe: WatchTimeframe = None
    note: WatchNote = None
    delivery: WatchDeliveries = None


class WatchExpired(WatchNotice):
    """A watch expired. `at`: the watch's `expires_at`. The watch may have fired just before."""

    type: Annotated[Literal["expired"], Field(description="Which event of a watch this is.")] = "expired"
    at: Annotated[Time, Field(description="The `expires_at` of the watch.")]

    @property
    def event_id(self) -> str:
        return make_event_id("expired", self.watch_id, self.at.isoformat())


class WatchBlinded(WatchNotice):
    """The price of a watch is not known: it cannot fire. `at`: until when the price is known."""

    type: Annotated[Literal["blinded"], Field(description="Which event of a watch this is.")] = "blinded"
    at: Annotated[
        Time, Field(description="Time until which the price is known: since then the watch is blind.")
    ]

    @property
    def event_id(self) -> str:
        return make_event_id("blinded", self.watch_id, self.at.isoformat())


class WatchSighted(WatchNotice):
    """The price of a watch is known again. It follows a `WatchBlinded` of the same `blind_from`."""

    type: Annotated[Literal["sighted"], Field(description="Which event of a watch this is.")] = "sighted"
    blind_from: Annotated[Time, Field(description="Time since which the watch was blind.")]
    at: Annotated[Time, Field(description="Time of a price that is known again.")]

    @property
    def event_id(self) -> str:
        return make_event_id("sighted", self.watch_id, self.blind_from.isoformat())


def fire_id(watch_id: str, arm: int) -> str:
    """Return the UUIDv5 of the watch and its arming, so that a republished fire keeps its id."""
    return make_event_id("fired", watch_id, str(arm))


def _watch_event_tag(value: object) -> str:
    """Return the tag of a watch event; without a type it is a fire, as older events are."""
    named = value.get("type", "fired") if isinstance(value, dict) else getattr(value, "type", None)
    return named if isinstance(named, str) else "?"


AnyWatchEvent = WatchFired | WatchExpired | WatchBlinded | WatchSighted
"""Any event of a watch."""

WatchEvent = Annotated[
    Annotated[WatchFired, Tag("fired")]
    | Annotated[WatchExpired, Tag("expired")]
    | Annotated[WatchBlinded, Tag("blinded")]
    | Annotated[WatchSighted, Tag("sighted")],
    Discriminator(_watch_event_tag),
]

_WATCH_EVENT: TypeAdapter[AnyWatchEvent] = TypeAdapter(WatchEvent)


def read_watch_event(value: bytes) -> AnyWatchEvent:
    """Decode a record of the watch events. Raises ValidationError, and OverflowError for a time out of range."""
    return _WATCH_EVENT.validate_json(value)
