"""Bodies about the watchlist."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from schemas.http.base import ResponseModel, with_example
from schemas.values import Time

_ENTRY = (
    "Key of a market, in which `*` stands for any characters of the symbol and `>N` asks for a 24-hour volume above "
    "N in the quote currency, such as `binance:spot:*USDT:1h>10000000`."
)
_PRIORITY = "A higher priority is served first where not all markets can be served at once."


class WatchlistBody(BaseModel):
    """An entry to follow."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"examples": [{"entry": "binance:spot:BTCUSDT:1h", "priority": 10}]},
    )

    entry: Annotated[str, Field(min_length=1, max_length=191, description=_ENTRY)]
    priority: Annotated[int, Field(ge=-1_000, le=1_000, description=_PRIORITY)] = 0


class WatchlistItem(ResponseModel):
    """An entry of the watchlist."""

    model_config = with_example(
        entry="binance:spot:*USDT:1h>10000000",
        priority=0,
        is_followed=True,
        roles=["feed", "scheduler"],
        changed_at=None,
        markets=38,
    )

    entry: Annotated[str, Field(description=_ENTRY)]
    priority: Annotated[int, Field(description=_PRIORITY)]
    is_followed: Annotated[
        bool, Field(description="Whether its markets are followed; false once it was removed.")
    ]
    roles: Annotated[
        list[str],
        Field(description="The roles that have it in their settings; none for one that was added here."),
    ]
    changed_at: Annotated[Time | None, Field(description="Time at which it was added or removed here.")]
    markets: Annotated[
        int | None,
        Field(
            description="Number of markets that it means by itself; null until the exchange's list is known."
        ),
    ]


class WatchlistResponse(ResponseModel):
    """The watchlist."""

    data: Annotated[list[WatchlistItem], Field(description="The entries, in their order as text.")]
    markets: Annotated[int, Field(description="Number of markets that the whole watchlist selects.")]


class WatchlistItemResponse(ResponseModel):
    """One entry of the watchlist."""

    data: Annotated[WatchlistItem, Field(description="The entry.")]
