"""The plain values that events and views are made of: times, numbers, ids."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field

SIGNIFICANT_DIGITS = 12


def round_significant(number: float) -> float:
    """`number` with 12 significant digits: equal on every machine, and no longer than anyone needs."""
    return float(f"{number:.{SIGNIFICANT_DIGITS}g}")


def from_ms(milliseconds: int) -> datetime:
    """UTC time of a unix stamp in ms, exact. Raises ValueError or OverflowError beyond the calendar."""
    seconds, rest = divmod(milliseconds, 1000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest * 1000)


def to_ms(time: datetime) -> int:
    """Unix stamp in ms, rounded down."""
    whole = int(time.replace(microsecond=0).timestamp())
    return whole * 1000 + time.microsecond // 1000


MAX_CLOCK_AHEAD_MS = 5_000
"""So far the clock of an exchange may be ahead of ours. A price of later than that would outlast all true ones."""


def clamp_future(stamp_ms: int, now_ms: int, *, ahead_ms: int = MAX_CLOCK_AHEAD_MS) -> int:
    """`stamp_ms`, or `now_ms` where it is more than `ahead_ms` past that: no clock says what has not come yet."""
    return stamp_ms if stamp_ms <= now_ms + ahead_ms else now_ms


def to_naive_utc(time: datetime) -> datetime:
    """As tables have it: UTC, without saying so, for MySQL's own types know no zone."""
    return time.astimezone(UTC).replace(tzinfo=None)


def to_aware_utc(time: datetime) -> datetime:
    """What a table has, as UTC."""
    return time.replace(tzinfo=UTC)


def _convert_to_utc(time: datetime) -> datetime:
    try:
        return time.astimezone(UTC)
    except OverflowError:
        raise ValueError("no time that UTC can write") from None


Time = Annotated[AwareDatetime, AfterValidator(_convert_to_utc)]
"""RFC 3339, UTC, written with `Z`."""

Number = Annotated[float, Field(allow_inf_nan=False), AfterValidator(round_significant)]
"""A finite JSON number of at most 12 significant digits."""

RequestId = Annotated[str, Field(pattern=r"^[A-Za-z0-9._:-]{1,128}$")]
