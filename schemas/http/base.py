"""The base of every response body, and the types that several of them share."""

from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Price = Annotated[float, Field(json_schema_extra={"format": "double"})]
"""A price or a derived figure: a JSON number with the precision of a double."""

T = TypeVar("T")

EXAMPLE_MARKET: dict[str, Any] = {"exchange": "binance", "symbol": "BTCUSDT", "market_type": "spot"}


class ResponseModel(BaseModel):
    """A response body; it can be built from any object with attributes of the same names."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


def with_example(**value: Any) -> ConfigDict:
    """Return the configuration of a `ResponseModel` that shows `value` as its example in OpenAPI."""
    return ConfigDict(frozen=True, from_attributes=True, json_schema_extra={"examples": [value]})


class Page(ResponseModel, Generic[T]):
    """One page of a list."""

    data: Annotated[list[T], Field(description="The items of this page.")]
    total: Annotated[int, Field(description="Number of items on all pages together.")]
    page: Annotated[int, Field(description="Number of this page, counted from 1.")]
    pageSize: Annotated[int, Field(description="Largest number of items on a page.")]  # noqa: N815 (a contract)
    totalPages: Annotated[int, Field(description="Number of pages; 0 when there are no items.")]  # noqa: N815
