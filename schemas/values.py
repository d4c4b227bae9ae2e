"""Times, numbers and ids as events, requests and HTTP bodies contain them."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field

SIGNIFICANT_DIGITS = 12
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def round_significant(number: float) -> float:
    """Round `number` to 12 significant digits, so that its text is equal on every machine."""
    return float(f"{number:.{SIGNIFICANT_DIGITS}g}")


def from_ms(milliseconds: int) -> datetime:
    """Return the UTC time of a unix stamp in ms, exactly. Raises OverflowError outside the calendar."""
    return _EPOCH + timedelta(milliseconds=milliseconds)


def to_ms(time: datetime) -> int:
    """Return the unix stamp in ms, rounded down."""
    whole = int(time.replace(microsecond=0).timestamp())
    return whole * 1000 + time.microsecond // 1000


MAX_CLOCK_AHEAD_MS = 5_000
"""How far an exchange's clock may be ahead of ours. A price with a later time would outlast all correct ones."""


def clamp_future(stamp_ms: int, now_ms: int, *, ahead_ms: int = MAX_CLOCK_AHEAD_MS) -> int:
    """Return `stamp_ms`, or `now_ms` if the stamp is more than `ahead_ms` in the future."""
    return stamp_ms if stamp_ms <= now_ms + ahead_ms else now_ms


def to_naive_utc(time: datetime) -> datetime:
    """Convert to naive UTC, as tables store times: MySQL's types have no time zone."""
    return time.astimezone(UTC).replace(tzinfo=None)


def to_aware_utc(time: datetime) -> datetime:
    """Mark a naive time from a table as UTC."""
    return time.replace(tzinfo=UTC)


def _convert_to_utc(time: datetime) -> datetime:
    try:
        return time.astimezone(UTC)
    except OverflowError:
        raise ValueError("the time cannot be written in UTC") from None


Time = Annotated[AwareDatetime, AfterValidator(_convert_to_utc)]
"""RFC 3339, UTC, written with `Z`."""

Number = Annotated[
    float,
    Field(allow_inf_nan=False, json_schema_extra={"format": "double"}),
    AfterValidator(round_significant),
]
"""A finite JSON number of at most 12 significant digits."""

ExactNumber = Annotated[float, Field(allow_inf_nan=False, json_schema_extra={"format": "double"})]
"""A finite JSON number that reads back as the same double."""

Probability = Annotated[
    float,
    Field(ge=0, le=1, allow_inf_nan=False, json_schema_extra={"format": "double"}),
    AfterValidator(round_significant),
]
"""As `Number`, from 0 to 1."""

REQUEST_ID = re.compile(r"^[A-Za-z0-9._:-]{1,128}$")
RequestId = Annotated[str, Field(pattern=REQUEST_ID.pattern)]
