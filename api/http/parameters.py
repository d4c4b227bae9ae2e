"""Query parameters as people write them: an empty one is as good as none, a number too large is brought down."""

from typing import Annotated

from fastapi import Query
from pydantic import AfterValidator, BeforeValidator

from schemas.http.jobs import JobStatus
from schemas.market import MarketType
from schemas.values import Time
from schemas.watches import WatchStatus

MOST_PAGE_SIZE = 100
PAGE_SIZE = 10
MOST_TEXT = 128


def _blank_is_absent(written: object) -> object:
    return None if isinstance(written, str) and not written.strip() else written


def _without_nul(words: str | None) -> str | None:
    # SQLite takes it for the end of a pattern, which then matches everything.
    if words is not None and "\0" in words:
        raise ValueError("must not have NUL characters")
    return words


_BLANK = BeforeValidator(_blank_is_absent)

Words = Annotated[str | None, Query(max_length=MOST_TEXT), _BLANK, AfterValidator(_without_nul)]
"""Free text; None when empty."""

Whole = Annotated[int | None, Query(), _BLANK]
"""A whole number; None when empty, 422 when it is no number."""


Milliseconds = Annotated[int | None, Query(ge=0, lt=253_402_300_800_000), _BLANK]
"""A time as a unix stamp in ms, before the year 10000."""

Moment = Annotated[Time | None, Query(examples=["2026-11-22T13:00:00Z"]), _BLANK]
"""A time with its zone; None when empty."""


def _lower(written: object) -> object:
    return written.strip().lower() if isinstance(written, str) else written


KindOfMarket = Annotated[MarketType | None, Query(), _BLANK, BeforeValidator(_lower)]

StateOfWatch = Annotated[WatchStatus | None, Query(), _BLANK, BeforeValidator(_lower)]

StatusOfJob = Annotated[JobStatus | None, Query(), _BLANK, BeforeValidator(_lower)]


def clamped(asked: int | None, *, default: int, most: int) -> int:
    """At most `most`; the default for what is absent or below 1."""
    if asked is None or asked < 1:
        return default
    return min(asked, most)
