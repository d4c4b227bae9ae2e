"""The base of every response body, and the types that several of them share."""

from typing import Annotated, Any, Generic, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from schemas.events import FailureReason
from schemas.market import TIMEFRAMES

Price = Annotated[float, Field(json_schema_extra={"format": "double"})]
"""A price or a derived figure: a JSON number with the precision of a double."""

Timeframe = Annotated[str, WithJsonSchema({"type": "string", "enum": list(TIMEFRAMES)})]
"""The length of a candle. Stored rows are not validated against the set, which may grow."""

Reason = Annotated[str, WithJsonSchema({"type": "string", "enum": list(get_args(FailureReason))})]
"""Why a request failed. Stored jobs are not validated against the set, which may grow."""

T = TypeVar("T")

EXAMPLE_MARKET: dict[str, Any] = {"exchange": "binance", "symbol": "BTCUSDT", "market_type": "spot"}


class ResponseModel(BaseModel):
    """A response body; it can be built from any object with attributes of the same names."""

    model_config = ConfigDict(
        frozen=True, from_attributes=True, json_schema_serialization_defaults_required=True
    )


def with_example(**value: Any) -> ConfigDict:
    """Return the additional configuration of a `ResponseModel` that shows `value` as its example in OpenAPI."""
    return ConfigDict(json_schema_extra={"examples": [value]})


class Page(ResponseModel, Generic[T]):
    """One page of a list."""

    data: Annotated[list[T], Field(description="The items of this page.")]
    total: Annotated[int, Field(description="Number of items on all pages together.")]
    page: Annotated[int, Field(description="Number of this page, counted from 1.")]
    pageSize: Annotated[int, Field(description="Largest number of items on a page.")]  # noqa: N815 (a contract)
    totalPages: Annotated[int, Field(description="Number of pages; 0 when there are no items.")]  # noqa: N815
