"""Types of query parameters. An empty parameter counts as absent, a number above its maximum is clamped."""

from typing import Annotated, Any

from fastapi import Query
from pydantic import AfterValidator, BeforeValidator, Field

from schemas.http.jobs import JobStatus
from schemas.market import MarketType
from schemas.values import Time
from schemas.watches import WatchStatus

MAX_PAGE_SIZE = 100
DEFAULT_PAGE_SIZE = 10
MAX_TEXT = 128


def _empty_to_none(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


def _reject_nul(text: str | None) -> str | None:
    # SQLite ends a pattern there, and the rest of it would match everything.
    if text is not None and "\0" in text:
        raise ValueError("must not contain NUL characters")
    return text


def _strip_and_lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


EMPTY = BeforeValidator(_empty_to_none)
"""An empty parameter counts as absent."""
_LOWER = BeforeValidator(_strip_and_lower)

TextParam = Annotated[str | None, Query(max_length=MAX_TEXT), EMPTY, AfterValidator(_reject_nul)]
"""Free text; None when empty."""

IntParam = Annotated[int | None, Query(), EMPTY]
"""A whole number; None when empty, 422 when it is not a number."""

_Double = Annotated[float, Field(ge=0, allow_inf_nan=False, json_schema_extra={"format": "double"})]

PositiveParam = Annotated[_Double | None, Query(), EMPTY]
"""A finite number that is not negative; None when empty."""

ProbabilityParam = Annotated[Annotated[_Double, Field(le=1)] | None, Query(), EMPTY]
"""As `PositiveParam`, at most 1."""

MillisecondsParam = Annotated[int | None, Query(ge=0, lt=253_402_300_800_000), EMPTY]
"""A time in ms since the Unix epoch, before the year 10000."""

TimeParam = Annotated[Time | None, Query(examples=["2026-11-22T13:00:00Z"]), EMPTY]
"""A time with its zone; None when empty."""

MarketTypeParam = Annotated[MarketType | None, Query(description="Type of the market."), EMPTY, _LOWER]
WatchStateParam = Annotated[WatchStatus | None, Query(description="State of the watch."), EMPTY, _LOWER]
JobStatusParam = Annotated[JobStatus | None, Query(description="State of the job."), EMPTY, _LOWER]


SymbolSearchParam = Annotated[
    TextParam, Query(description="Any part of a symbol, ignoring case and `/`; exact matches come first.")
]
ExchangeParam = Annotated[TextParam, Query(description="Exchange.")]
PageParam = Annotated[IntParam, Query(description="Number of the page, counted from 1; 1 by default.")]
PageSizeParam = Annotated[
    IntParam,
    Query(
        alias="pageSize",
        description=f"Items on a page: {DEFAULT_PAGE_SIZE} by default, at most {MAX_PAGE_SIZE}.",
    ),
]


def limit_param(default: int, maximum: int) -> Any:
    """Return the description of a `limit` with these bounds, for use in `Annotated`."""
    return Query(description=f"Number of items: {default} by default, at most {maximum}.")


def clamp(value: int | None, *, default: int, maximum: int) -> int:
    """Return `value`, at most `maximum`; the default where it is absent or below 1."""
    if value is None or value < 1:
        return default
    return min(value, maximum)
