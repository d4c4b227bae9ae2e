"""The events of levels: what happened to a published level, between closes and at the close. See docs/events.md."""

from typing import Annotated, Literal

from pydantic import Discriminator, Field, TypeAdapter

from schemas.events import Side
from schemas.market import Market
from schemas.payload import Payload, make_event_id
from schemas.values import Number, Probability, Time

LevelEventType = Literal["appeared", "approached", "touched", "bounced", "broke", "flipped", "retired"]

Stage = Literal["live", "confirmed", "withdrawn"]
"""`live`: by a price between closes, and confirmed or withdrawn at the close. What only a close shows is confirmed."""

LevelState = Literal["fresh", "tested", "touched", "held", "broken", "retired"]
"""What happened to a level last. `fresh`: it appeared with the visit of its anchor only; `tested`: with more."""

RetireReason = Literal["continued", "revised", "aged", "passed", "outranked", "unfit"]

LevelId = Annotated[
    str,
    Field(
        description="The level, as in `levels` of a result; unique within its market.",
        examples=["S1700000000000"],
    ),
]
EventStage = Annotated[
    Stage,
    Field(
        description="`live`: by a price between closes. `confirmed`: by a closed candle. `withdrawn`: a `live` event "
        "of this level that the closed candle does not show. The set is closed."
    ),
]
Touches = Annotated[
    int, Field(description="Number of visits to the zone since the anchor, this one included.")
]


class LevelEventBase(Payload):
    """The fields of every event of a level."""

    type: str
    event_id: Annotated[
        str,
        Field(
            description="A UUIDv5 of type, market key, `level_id`, `candle_at` and, unless `confirmed`, the stage; "
            "also the `ce_id`. A repeat has the same."
        ),
    ]
    market: Annotated[Market, Field(description="The market, in stored form.")]
    level_id: LevelId
    side: Annotated[Side, Field(description="`support` or `resistance`, after the event. The set is closed.")]
    origin_side: Annotated[Side, Field(description="What its anchor was: a low made a support.")]
    price: Annotated[Number, Field(description="Price of the level.", examples=[64000.5])]
    low: Annotated[Number, Field(description="Lower edge of its zone.")]
    high: Annotated[Number, Field(description="Upper edge of its zone.")]
    at: Annotated[
        Time, Field(description="The close of the candle; of a `live` event the time of its price.")
    ]
    candle_at: Annotated[
        Time,
        Field(description="Open time of the candle that shows it; of a `live` event of the unclosed one."),
    ]
    last_price: Annotated[Number, Field(description="The price of the market then.", examples=[65432.1])]


class LevelAppeared(LevelEventBase):
    """A level is published that was not before. It has all that a fold needs to begin with."""

    type: Annotated[Literal["appeared"], Field(description="Which event of a level this is.")] = "appeared"
    touches: Touches
    bounces: Annotated[int, Field(description="Number of visits after which the level held.")]
    breaks: Annotated[int, Field(description="Number of visits after which the level broke.")]
    first_touch_at: Annotated[Time, Field(description="Open time of the first candle of the first visit.")]
    last_touch_at: Annotated[Time, Field(description="Open time of the first candle of the last visit.")]
    score: Annotated[Number, Field(description="Its score when it appeared.")]
    p_reach_100: Annotated[
        Probability | None,
        Field(description="Its `p_reach_100` when it appeared; null if that was not known."),
    ] = None
    continues: Annotated[
        str | None,
        Field(
            description="The level that it continues under another id, or null.",
            examples=["S1690000000000"],
        ),
    ] = None


class LevelApproached(LevelEventBase):
    """Price has come within one mean true range, or 1 %, of the level: once until it has been away."""

    type: Annotated[Literal["approached"], Field(description="Which event of a level this is.")] = (
        "approached"
    )
    stage: EventStage = "confirmed"
    distance_pct: Annotated[
        Number, Field(description="Distance from `last_price`, in percent of it; never negative.")
    ]


class LevelTouched(LevelEventBase):
    """A visit to the level's zone has begun."""

    type: Annotated[Literal["touched"], Field(description="Which event of a level this is.")] = "touched"
    stage: EventStage = "confirmed"
    touches: Touches
    last_touch_at: Annotated[Time, Field(description="Open time of the first candle of this visit.")]


class LevelBounced(LevelEventBase):
    """A visit has ended on the side that it came from."""

    type: Annotated[Literal["bounced"], Field(description="Which event of a level this is.")] = "bounced"
    bounces: Annotated[int, Field(description="Number of visits after which the level held.")]


class LevelBroke(LevelEventBase):
    """A visit has ended on the other side."""

    type: Annotated[Literal["broke"], Field(description="Which event of a level this is.")] = "broke"
    breaks: Annotated[int, Field(description="Number of visits after which the level broke.")]


class LevelFlipped(LevelEventBase):
    """The last price is on the other side of the level than at the close before: a support is a resistance now."""

    type: Annotated[Literal["flipped"], Field(description="Which event of a level this is.")] = "flipped"


class LevelRetired(LevelEventBase):
    """A level is no longer published."""

    type: Annotated[Literal["retired"], Field(description="Which event of a level this is.")] = "retired"
    reason: Annotated[
        RetireReason,
        Field(
            description="`continued` under another id, `revised`, `aged`, `passed`, `outranked` or `unfit`. "
            "The set may grow."
        ),
    ]
    continued_as: Annotated[
        str | None,
        Field(
            description="The level that continues it; null unless `reason` is `continued`.",
            examples=["S1710000000000"],
        ),
    ] = None


AnyLevelEvent = (
    LevelAppeared | LevelApproached | LevelTouched | LevelBounced | LevelBroke | LevelFlipped | LevelRetired
)
"""Any event of a level."""

LEVEL_EVENTS: tuple[type[LevelEventBase], ...] = (
    LevelAppeared,
    LevelApproached,
    LevelTouched,
    LevelBounced,
    LevelBroke,
    LevelFlipped,
    LevelRetired,
)

LevelEvent = Annotated[AnyLevelEvent, Discriminator("type")]
_LEVEL_EVENT: TypeAdapter[AnyLevelEvent] = TypeAdapter(LevelEvent)


def read_level_event(value: bytes) -> AnyLevelEvent:
    """Decode a record of the level events. Raises ValidationError, and OverflowError for a time out of range."""
    return _LEVEL_EVENT.validate_json(value)


def make_level_event_id(
    event_type: LevelEventType, market_key: str, level_id: str, candle_at: int, stage: Stage = "confirmed"
) -> str:
    """Return the id of an event; `candle_at` in ms."""
    parts = (f"level-{event_type}", market_key, level_id, str(candle_at))
    return make_event_id(*parts, *(() if stage == "confirmed" else (stage,)))


def stage_of(event: AnyLevelEvent) -> Stage:
    """Return the stage; the events that only a close shows are confirmed."""
    return event.stage if isinstance(event, LevelApproached | LevelTouched) else "confirmed"
