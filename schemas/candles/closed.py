"""The event of a closed candle."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.market import instrument_key
from schemas.payload import Exchange, InstrumentType, Payload, Symbol, make_event_id
from schemas.values import ExactNumber, Time, to_ms

CandleOrigin = Literal["stream", "rollup", "rest"]


class CandleClosed(Payload):
    """A candle closed on the exchange; with a `revision` above 0 the exchange has changed it since.

    Its numbers are exact, not rounded as those of other events: hashes of series are computed from them.
    """

    exchange: Exchange
    market_type: InstrumentType
    symbol: Symbol
    timeframe: Annotated[str, Field(description="Length of the candle.", examples=["1h"])]
    open_at: Annotated[Time, Field(description="Open time of the candle.")]
    open: Annotated[ExactNumber, Field(description="First price.", examples=[65400.0])]
    high: Annotated[ExactNumber, Field(description="Highest price.", examples=[65450.5])]
    low: Annotated[ExactNumber, Field(description="Lowest price.", examples=[65380.2])]
    close: Annotated[ExactNumber, Field(description="Last price.", examples=[65432.1])]
    volume: Annotated[ExactNumber, Field(description="Volume in the base currency.", examples=[12.5])]
    source: Annotated[
        CandleOrigin,
        Field(
            description="`stream`: pushed by the exchange; `rollup`: added up from shorter candles; `rest`: fetched. "
            "The set may grow."
        ),
    ]
    revision: Annotated[
        int,
        Field(
            description="0 for the candle as first published; higher for one that the exchange has changed since. "
            "Of several the highest counts.",
        ),
    ] = 0

    @property
    def key(self) -> str:
        """`binance:spot:BTCUSDT`: the market without a timeframe."""
        return instrument_key(self.exchange, self.market_type, self.symbol)

    @property
    def event_id(self) -> str:
        """The id of the event: equal for the same candle and revision."""
        return make_event_id("candle", self.key, self.timeframe, self.open_at.isoformat(), str(self.revision))


def open_ms_of(candle: CandleClosed) -> int:
    """Return the candle's open time in ms."""
    return to_ms(candle.open_at)
