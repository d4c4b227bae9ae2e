"""A position among the fires in the order of their recording. Pure."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from api.http.problems import ProblemError

OVERLAP = timedelta(seconds=10)
"""Longer than a transaction of the sink: a fire of an earlier time may be committed until then."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_TEXT = re.compile(r"([0-9]{1,16})-([0-9a-f-]{0,36})")
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class FireCursor:
    """After the fire `fire_id`, recorded at `recorded_at` (naive UTC); without an id, before all fires of that time."""

    recorded_at: datetime
    fire_id: str = ""

    def __str__(self) -> str:
        return f"{(self.recorded_at - _EPOCH) // _MICROSECOND}-{self.fire_id}"

    @classmethod
    def parse(cls, text: str) -> "FireCursor":
        """Raises ProblemError (422) for a text that is no cursor."""
        match = _TEXT.fullmatch(text)
        if match is None:
            raise ProblemError(
                422, f"after: {text[:60]!r} is no cursor: pass the cursor of an earlier response"
            )
        return cls(_EPOCH + int(match[1]) * _MICROSECOND, match[2])


def settle(now: datetime, newest: datetime | None) -> FireCursor:
    """Return a cursor behind which no fire is committed any more, from the time (naive UTC) of the newest fire.

    The clock of the sink counts, which recorded the fires, unless it is ahead.
    """
    return FireCursor(min(now, newest) - OVERLAP if newest is not None else _EPOCH)
