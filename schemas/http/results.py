"""Response bodies of analysis results. A *row* is the newest analysis of one market."""

from typing import Annotated, Any

from pydantic import Field

from schemas.events import Level
from schemas.http.base import EXAMPLE_MARKET, Page, Price, ResponseModel, with_example
from schemas.values import Time

_ROW: dict[str, Any] = {
    "id": 7,
    **EXAMPLE_MARKET,
    "timeframe": "1h",
    "input_limit": 1999,
    "support_levels": [64000.5, 63120.0],
    "resistance_levels": [66010.0],
    "last_price": 65432.1,
    "created_at": "2026-11-20T08:00:03Z",
    "updated_at": "2026-11-22T12:00:04Z",
    "candle_at": "2026-11-22T11:00:00Z",
    "analyzed_at": "2026-11-22T12:00:03.512000Z",
    "request_id": "my-7",
    "algorithm": "strandline/2",
}
_NEAREST: dict[str, Any] = {
    "support": {
        "price": 64000.5,
        "distance_pct": 2.18792305919,
        "score": 5.28,
        "touches": 14,
        "level_id": "S1794744000000",
        "first_touch_at": "2026-11-15T12:00:00Z",
        "last_touch_at": "2026-11-21T16:00:00Z",
        "confirmed_at": "2026-11-15T22:00:00Z",
        "p_reach_24": 0.41,
    },
    "resistance": {
        "price": 66010.0,
        "distance_pct": 0.8832,
        "score": 4.54,
        "touches": 6,
        "level_id": "R1794916800000",
        "first_touch_at": "2026-11-17T12:00:00Z",
        "last_touch_at": "2026-11-21T16:00:00Z",
        "confirmed_at": "2026-11-15T22:00:00Z",
        "p_reach_24": 0.41,
    },
}

SupportLevels = Annotated[list[Price], Field(description="Prices of the support levels, best first.")]
ResistanceLevels = Annotated[list[Price], Field(description="Prices of the resistance levels, best first.")]
InputLimit = Annotated[int, Field(description="Number of closed candles that were analyzed.")]
LastPrice = Annotated[Price, Field(description="Last price of the market at the time of the analysis.")]


class ResultRow(ResponseModel):
    """The columns of the shared results table, then ours, which are null in rows that another backend wrote."""

    model_config = with_example(**_ROW)

    id: Annotated[int, Field(description="Id of the row; it stays the same when a newer result replaces it.")]
    exchange: Annotated[str, Field(description="Exchange of the market.")]
    symbol: Annotated[str, Field(description="Symbol of the market, without separator.")]
    market_type: Annotated[
        str, Field(description="`spot` or `future`; other backends may write other values.")
    ]
    timeframe: Annotated[str, Field(description="Length of a candle, such as `1h`.")]
    input_limit: InputLimit
    support_levels: SupportLevels
    resistance_levels: ResistanceLevels
    last_price: LastPrice
    created_at: Annotated[Time, Field(description="Time at which the row was first written.")]
    updated_at: Annotated[Time, Field(description="Time at which this result was written.")]
    candle_at: Annotated[Time | None, Field(description="Open time of the last closed candle.")] = None
    analyzed_at: Annotated[Time | None, Field(description="Time of the analysis.")] = None
    request_id: Annotated[str | None, Field(description="Id of a request that this result answers.")] = None
    algorithm: Annotated[str | None, Field(description="Name and version of the algorithm.")] = None


class ResultDetail(ResultRow):
    """A row with its levels."""

    levels: Annotated[
        list[Level] | None, Field(description="The levels with their evidence; null where none were stored.")
    ] = None


class NearestLevel(ResponseModel):
    """The level of one side that is nearest to the last price.

    The evidence is null in a row of a backend that writes prices only.
    """

    price: Annotated[Price, Field(description="Price of the level.")]
    distance_pct: Annotated[
        Price, Field(description="Distance from the last price, in percent of it; never negative.")
    ]
    score: Annotated[Price | None, Field(description="Score of the level.")] = None
    touches: Annotated[int | None, Field(description="Number of visits of the price to the level.")] = None
    level_id: Annotated[str | None, Field(description="Id of the level.")] = None
    first_touch_at: Annotated[
        Time | None, Field(description="Open time of the first candle that touched it.")
    ] = None
    last_touch_at: Annotated[
        Time | None, Field(description="Open time of the last candle that touched it.")
    ] = None
    confirmed_at: Annotated[Time | None, Field(description="Time from which the level could be known.")] = (
        None
    )
    p_reach_24: Annotated[
        Price | None,
        Field(ge=0, le=1, description="Probability that the price touches it within 24 candles."),
    ] = None


class NearestLevels(ResponseModel):
    """The nearest level on each side of the last price; null for a side without levels."""

    support: Annotated[
        NearestLevel | None, Field(description="The nearest support below the last price.")
    ] = None
    resistance: Annotated[
        NearestLevel | None, Field(description="The nearest resistance above the last price.")
    ] = None


class ResultListItem(ResultRow):
    """A row in a list, with the nearest level of each side."""

    model_config = with_example(**_ROW, nearest=_NEAREST)

    nearest: Annotated[NearestLevels, Field(description="The nearest level on each side of the last price.")]
    levels: Annotated[
        list[Level] | None,
        Field(
            description="With `include=levels` the levels with their evidence; absent where none were stored.",
            exclude_if=lambda levels: levels is None,
        ),
    ] = None


class ResultPage(Page[ResultListItem]):
    """One page of results."""

    model_config = with_example(
        data=[_ROW | {"nearest": _NEAREST}], total=1, page=1, pageSize=10, totalPages=1, next=None
    )

    next: Annotated[
        str | None,
        Field(
            description="Cursor of the results that follow, for `after`; null at the end, and with `page`."
        ),
    ] = None


class ResultResponse(ResponseModel):
    """One result with its levels."""

    data: Annotated[ResultDetail, Field(description="The result.")]


class Publication(ResponseModel):
    """One published result of a market. Equal candles and parameters give equal levels again."""

    candle_at: Annotated[Time, Field(description="Open time of the last closed candle.")]
    analyzed_at: Annotated[Time, Field(description="Time of the analysis.")]
    recorded_at: Annotated[Time, Field(description="Time at which it was written to the history.")]
    input_limit: InputLimit
    last_price: LastPrice
    support_levels: SupportLevels
    resistance_levels: ResistanceLevels
    levels: Annotated[list[Level] | None, Field(description="The levels with their evidence.")]
    request_id: Annotated[str, Field(description="Id of a request that this result answered.")]
    algorithm: Annotated[str, Field(description="Name and version of the algorithm.")]
    params_hash: Annotated[str, Field(description="Hash of the parameters of the analysis.")]
    candles_hash: Annotated[str, Field(description="Hash of the candles that were analyzed.")]


class PublicationPage(Page[Publication]):
    """One page of the publications of a market, the newest `analyzed_at` first."""
