"""Response bodies of levels across markets."""

from typing import Annotated

from pydantic import Field

from schemas.events import Side
from schemas.http.base import Price, ResponseModel
from schemas.level_events import LevelEvent
from schemas.market import Market
from schemas.values import Time


class NearLevel(ResponseModel):
    """A level and its distance to the price of its market."""

    market: Annotated[Market, Field(description="The market.")]
    level_id: Annotated[str, Field(description="Id of the level.")]
    side: Annotated[Side, Field(description="`support` at or below `last_price`, `resistance` above.")]
    origin_side: Annotated[Side, Field(description="What its anchor was.")]
    price: Annotated[Price, Field(description="Price of the level.")]
    low: Annotated[Price, Field(description="Lower edge of its zone.")]
    high: Annotated[Price, Field(description="Upper edge of its zone.")]
    distance_pct: Annotated[
        Price, Field(description="Distance from `last_price`, in percent of it; never negative.")
    ]
    distance_atr: Annotated[
        Price | None,
        Field(description="The same in mean true ranges of a candle; null where that is not known."),
    ]
    last_price: Annotated[Price, Field(description="The price that the distance refers to.")]
    is_live: Annotated[
        bool, Field(description="Whether `last_price` is a live price; otherwise it is that of the analysis.")
    ]
    score: Annotated[Price, Field(description="Score of the level.")]
    touches: Annotated[int, Field(description="Number of visits, that of its anchor included.")]
    bounces: Annotated[int, Field(description="Number of visits after which the level held.")]
    breaks: Annotated[int, Field(description="Number of visits after which the level broke.")]
    p_reach_24: Annotated[
        Price | None, Field(description="Probability of being reached within 24 candles, as of the analysis.")
    ]
    p_reach_100: Annotated[
        Price | None,
        Field(description="Probability of being reached within 100 candles, as of the analysis."),
    ]
    p_hold: Annotated[
        Price | None,
        Field(
            description="Measured rate at which levels and random prices at that distance held, as of the analysis."
        ),
    ]
    placebo: Annotated[
        Price | None,
        Field(description="The same rate of random prices at that distance, as of the analysis."),
    ]
    first_touch_at: Annotated[Time, Field(description="Open time of the first candle of the first visit.")]
    last_touch_at: Annotated[Time, Field(description="Open time of the first candle of the last visit.")]
    known_at: Annotated[
        Time, Field(description="Close of the last candle of the analysis: the level was known from then on.")
    ]


class NearLevelList(ResponseModel):
    """Levels by their distance to the price, the nearest first."""

    data: Annotated[list[NearLevel], Field(description="The nearest levels.")]
    total: Annotated[int, Field(description="Number of levels that match, those beyond `limit` included.")]


class LevelReference(ResponseModel):
    """A level by its name."""

    market: Annotated[Market, Field(description="The market.")]
    level_id: Annotated[str, Field(description="Id of the level.")]


class NearChange(ResponseModel):
    """What has entered and left the answer to a question for levels near the price."""

    entered: Annotated[list[NearLevel], Field(description="Levels that the answer before did not have.")]
    left: Annotated[list[LevelReference], Field(description="Levels that only the answer before had.")]
    total: Annotated[int, Field(description="Number of levels that match now.")]


class LevelEventList(ResponseModel):
    """What happened at a level, newest first."""

    data: Annotated[list[LevelEvent], Field(description="The events as they were published.")]
