"""The events on the topics: frozen, versioned by name; within a version fields are only added.

docs/events.md documents every field for subscribers.
"""

import uuid
from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, TypeAdapter

from schemas.market import Market, MarketType, instrument_key
from schemas.values import Number, Probability, RequestId, Time

MAX_REQUEST_IDS = 500
"""Maximum number of requests that one event names; more become several events."""

Side = Literal["support", "resistance"]
Direction = Literal["long", "short"]
"""The trade that a watch is for."""

FailureReason = Literal[
    "invalid_request",
    "unknown_exchange",
    "unknown_symbol",
    "bad_timeframe",
    "too_few_candles",
    "expired",
    "internal",
]

MAX_MESSAGE_LENGTH = 1_000
"""Maximum characters of a failure's message, which may quote the caller."""

_NAMESPACE = uuid.UUID("5f0c2f5e-3a0b-5d57-9d0f-7a1d1b6f7c11")


class Payload(BaseModel):
    """Base of all payloads. Unknown fields are ignored, so that an older reader accepts a newer writer's events."""

    model_config = ConfigDict(frozen=True, extra="ignore", json_schema_serialization_defaults_required=True)


class ScoreParts(Payload):
    """The parts of a level's score, weights included."""

    touches: Annotated[Number, Field(description="Part of the touches.")]
    volume: Annotated[Number, Field(description="Part of the volume at the touches.")]
    distance: Annotated[Number, Field(description="Part of the distance from the last price.")]
    direction: Annotated[Number, Field(description="Part of the direction.")]


class Level(Payload):
    """A price level with its evidence."""

    level_id: Annotated[
        str,
        Field(
            description="Origin side and open time of the anchor; unique within a market, equal in every process.",
            examples=["S1700000000000"],
        ),
    ]
    side: Annotated[
        Side, Field(description="`support` below the last price, `resistance` above. The set is closed.")
    ]
    origin_side: Annotated[
        Side,
        Field(
            description="What the anchor was: a low made a support, a high a resistance. "
            "Where it differs from `side`, the level has changed its role."
        ),
    ]
    price: Annotated[Number, Field(description="Price of the anchor.")]
    low: Annotated[Number, Field(description="Lower edge of the zone.")]
    high: Annotated[Number, Field(description="Upper edge of the zone.")]
    score: Annotated[Number, Field(description="Sum of `score_parts`.")]
    score_parts: Annotated[ScoreParts, Field(description="The parts of the score, weights included.")]
    touches: Annotated[
        int, Field(description="Number of visits to the zone since the anchor, each counted once.")
    ]
    bounces: Annotated[int, Field(description="Number of visits after which the level held.")]
    breaks: Annotated[int, Field(description="Number of visits after which the level broke.")]
    first_touch_at: Annotated[Time, Field(description="Open time of the first candle of the first visit.")]
    last_touch_at: Annotated[Time, Field(description="Open time of the first candle of the last visit.")]
    confirmed_at: Annotated[
        Time, Field(description="Candle at whose close all the evidence of this level was known.")
    ]
    windows: Annotated[
        tuple[int, ...], Field(description="Orders of the pivots at this level.", examples=[[5, 10]])
    ]
    distance_pct: Annotated[
        Number, Field(description="Distance from the last price, in percent of it; never negative.")
    ]
    p_hold: Annotated[
        Number | None,
        Field(
            description="Measured rate at which levels and random prices at this distance held. The two are pooled: "
            "no difference between them could be measured."
        ),
    ] = None
    placebo: Annotated[
        Number | None,
        Field(description="The same rate as `p_hold`, as random prices at this distance have it."),
    ] = None
    n: Annotated[int | None, Field(description="Number of touches behind `p_hold`.")] = None
    p_reach_24: Annotated[
        Probability | None,
        Field(
            description="Probability that price trades at the level within 24 candles. It follows from distance and "
            "volatility: a random price as far away has the same. Null in results of older versions.",
        ),
    ] = None
    p_reach_100: Annotated[
        Probability | None,
        Field(
            description="Probability that price trades at the level within 100 candles; see `p_reach_24`.",
        ),
    ] = None


class AnalysisCompleted(Payload):
    """The result of an analysis of `input_limit` closed candles; `candle_at`: open time of the last of them."""

    request_ids: Annotated[
        tuple[RequestId, ...],
        Field(
            min_length=1,
            max_length=MAX_REQUEST_IDS,
            description="The requests that this event answers. An analysis that answers more is published as several "
            "events.",
            examples=[["my-7"]],
        ),
    ]
    market: Annotated[Market, Field(description="The market, in stored form.")]
    input_limit: Annotated[
        int,
        Field(
            description="Number of closed candles analysed. 2,000 requested candles are usually 1,999 closed ones and "
            "the open one.",
            examples=[1999],
        ),
    ]
    last_price: Annotated[
        Number,
        Field(
            description="Close of the open candle; of the last closed one where the exchange sent no open one.",
            examples=[65432.1],
        ),
    ]
    candle_at: Annotated[Time, Field(description="Open time of the last closed candle.")]
    analyzed_at: Annotated[Time, Field(description="Time of the analysis, by the analyzer's clock.")]
    support_levels: Annotated[
        tuple[Number, ...], Field(description="Prices of the supports, best first; `[]` if there are none.")
    ]
    resistance_levels: Annotated[
        tuple[Number, ...],
        Field(description="Prices of the resistances, best first; `[]` if there are none."),
    ]
    levels: Annotated[
        tuple[Level, ...],
        Field(
            description="The same levels with their evidence: supports, then resistances, each best first."
        ),
    ]
    algorithm: Annotated[
        str,
        Field(
            description="Name and version of the method. Equal `algorithm`, `params_hash` and `candles_hash` mean "
            "equal results.",
            examples=["strandline/2"],
        ),
    ]
    params_hash: Annotated[
        str, Field(description="16 hex digits; equal for equal parameters.", examples=["9c3f0b6a51d2e874"])
    ]
    candles_hash: Annotated[
        str,
        Field(
            description="16 hex digits over the closed candles and `last_price`.",
            examples=["5b1e0f6d27a94c38"],
        ),
    ]
    notes: Annotated[
        tuple[str, ...],
        Field(
            description="What was dropped, repaired or left out of the candles, in words; absent if nothing was.",
            exclude_if=lambda notes: not notes,
        ),
    ] = ()

    @property
    def event_id(self) -> str:
        """The id of the event; only an equal result for the same requests repeats it."""
        return _make_id(
            self.market.key, self.params_hash, self.candles_hash, ",".join(sorted(self.request_ids))
        )


class AnalysisFailed(Payload):
    """The failure of requests. `market` is None if the request named no readable one."""

    request_ids: Annotated[
        tuple[RequestId, ...],
        Field(
            min_length=1,
            max_length=MAX_REQUEST_IDS,
            description="The requests that end here.",
            examples=[["my-7"]],
        ),
    ]
    market: Annotated[
        Market | None,
        Field(description="The market, in stored form; null where the request could not be decoded."),
    ]
    reason: Annotated[FailureReason, Field(description="Why the requests failed. The set may grow.")]
    message: Annotated[
        str,
        Field(description=f"A text for people, at most {MAX_MESSAGE_LENGTH:,} characters; do not parse it."),
    ]
    attempts: Annotated[
        int, Field(description="Number of attempts to fetch candles; 0 if there was none.", examples=[3])
    ]
    failed_at: Annotated[Time, Field(description="Time of the failure, by the analyzer's clock.")]

    @property
    def event_id(self) -> str:
        return _make_id("failed", self.reason, ",".join(sorted(self.request_ids)))


Exchange = Annotated[str, Field(description="The exchange.", examples=["binance"])]
InstrumentType = Annotated[
    MarketType, Field(description="`spot`, or `future`: the linear perpetual. The set may grow.")
]
Symbol = Annotated[str, Field(description="The symbol in stored form.", examples=["BTCUSDT"])]
WatchId = Annotated[str, Field(description="Id of the watch, as in `GET /api/v1/watches/{id}`.")]
WatchCondition = Annotated[
    str,
    Field(
        description="`touch`, `cross_up`, `cross_down`, `close_above` or `close_below`. The set may grow.",
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


class PriceTicked(Payload):
    """The price of a market at `at` by the exchange's clock."""

    exchange: Exchange
    market_type: InstrumentType
    symbol: Symbol
    price: Annotated[Number, Field(description="The price.", examples=[65432.1])]
    at: Annotated[
        Time,
        Field(
            description="Time of the price by the exchange's clock; the time of reading where it names none."
        ),
    ]

    @property
    def key(self) -> str:
        """`binance:spot:BTCUSDT`: the market without a timeframe."""
        return instrument_key(self.exchange, self.market_type, self.symbol)

    @property
    def event_id(self) -> str:
        return _make_id("price", self.key, self.at.isoformat(), repr(self.price))


class WatchFired(Payload):
    """A watch fired. `at`: the time of the price. `arm`: which arming fired, from 1; `fire_id` follows from it."""

    type: Annotated[Literal["fired"], Field(description="Which event of a watch this is.")] = "fired"
    fire_id: Annotated[
        str,
        Field(
            description="A UUIDv5 of watch and `arm`; also the `ce_id`. It recognises a fire that was already handled."
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
    arm: Annotated[
        int, Field(ge=1, description="Number of the arming that fired, counted from 1 without gaps.")
    ] = 1
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


class WatchExpired(WatchNotice):
    """A watch expired. `at`: the watch's `expires_at`. The watch may have fired just before."""

    type: Annotated[Literal["expired"], Field(description="Which event of a watch this is.")] = "expired"
    at: Annotated[Time, Field(description="The `expires_at` of the watch.")]

    @property
    def event_id(self) -> str:
        return _make_id("expired", self.watch_id, self.at.isoformat())


class WatchBlinded(WatchNotice):
    """The price of a watch is not known: it cannot fire. `at`: until when the price is known."""

    type: Annotated[Literal["blinded"], Field(description="Which event of a watch this is.")] = "blinded"
    at: Annotated[
        Time, Field(description="Time until which the price is known: since then the watch is blind.")
    ]

    @property
    def event_id(self) -> str:
        return _make_id("blinded", self.watch_id, self.at.isoformat())


class WatchSighted(WatchNotice):
    """The price of a watch is known again. It follows a `WatchBlinded` of the same `blind_from`."""

    type: Annotated[Literal["sighted"], Field(description="Which event of a watch this is.")] = "sighted"
    blind_from: Annotated[Time, Field(description="Time since which the watch was blind.")]
    at: Annotated[Time, Field(description="Time of a price that is known again.")]

    @property
    def event_id(self) -> str:
        return _make_id("sighted", self.watch_id, self.blind_from.isoformat())


def fire_id(watch_id: str, arm: int) -> str:
    """Return the UUIDv5 of the watch and its arming, so that a republished fire keeps its id."""
    return _make_id("fired", watch_id, str(arm))


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


def split_request_ids(request_ids: Iterable[str], most: int = MAX_REQUEST_IDS) -> list[tuple[str, ...]]:
    """Return unique ids in order of arrival, in batches that fit into one event."""
    ids = tuple(dict.fromkeys(request_ids))
    return [ids[start : start + most] for start in range(0, len(ids), most)]


def _make_id(*parts: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, "\n".join(parts)))
