"""The event of a close that changed no level."""

from typing import Annotated

from pydantic import Field

from schemas.market import Market
from schemas.payload import Payload, make_event_id
from schemas.values import Number, RequestId, Time


class AnalysisUnchanged(Payload):
    """The analysis at a candle's close found the levels that were published before; it stands for that result."""

    market: Annotated[Market, Field(description="The market, in stored form.")]
    candle_at: Annotated[Time, Field(description="Open time of the candle that closed.")]
    last_price: Annotated[Number, Field(description="Close of that candle.", examples=[65432.1])]
    input_limit: Annotated[int, Field(description="Number of closed candles analysed.", examples=[1999])]
    analyzed_at: Annotated[Time, Field(description="Time of the analysis, by the analyzer's clock.")]
    candles_hash: Annotated[
        str,
        Field(
            description="16 hex digits over the closed candles and `last_price`.",
            examples=["5b1e0f6d27a94c38"],
        ),
    ]
    levels_hash: Annotated[
        str,
        Field(
            description="16 hex digits over the levels that were found again; equal for equal ids, sides, prices, "
            "zones, touches, bounces, breaks and last touches.",
            examples=["0d4c9ab1f27e3358"],
        ),
    ]
    levels_at: Annotated[
        Time, Field(description="`candle_at` of the AnalysisCompleted whose levels are the same.")
    ]
    levels_request_id: Annotated[
        RequestId, Field(description="The first of the `request_ids` of that AnalysisCompleted.")
    ]

    @property
    def event_id(self) -> str:
        """The id of the event; equal for the same candles."""
        return make_event_id("unchanged", self.market.key, self.candles_hash, self.levels_at.isoformat())
