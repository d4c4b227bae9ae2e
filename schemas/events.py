"""The events of analyses and prices on the topics: frozen, versioned by name; within a version fields are only added.

docs/events.md documents every field for subscribers; the events of watches are in watch_events.py.
"""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field

from schemas.market import Market, instrument_key
from schemas.payload import Exchange, InstrumentType, Payload, Symbol, make_event_id
from schemas.values import Number, Probability, RequestId, Time

MAX_REQUEST_IDS = 500
"""Maximum number of requests that one event names; more become several events."""

Side = Literal["support", "resistance"]

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
    distance_atr: Annotated[
        Number | None,
        Field(
            description="Distance from the last price in mean true ranges of a candle; null in results of older "
            "versions, and where price stood still."
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
        return make_event_id(
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
        return make_event_id("failed", self.reason, ",".join(sorted(self.request_ids)))


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
        return make_event_id("price", self.key, self.at.isoformat(), repr(self.price))


def split_request_ids(request_ids: Iterable[str], most: int = MAX_REQUEST_IDS) -> list[tuple[str, ...]]:
    """Return unique ids in order of arrival, in batches that fit into one event."""
    ids = tuple(dict.fromkeys(request_ids))
    return [ids[start : start + most] for start in range(0, len(ids), most)]
