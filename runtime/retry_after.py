"""Reads the Retry-After header (RFC 9110, section 10.2.3) in both of its forms. Pure."""

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def parse_retry_after(value: str | None, date: str | None, *, maximum: float) -> float | None:
    """Return the seconds in a Retry-After header: a number, or a time compared with `date`, the Date header.

    Without a valid Date header the local clock is used. None where the header is absent or cannot be read; no more
    than `maximum` seconds.
    """
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = (_to_aware(parsedate_to_datetime(value)) - read_date(date)).total_seconds()
        except (TypeError, ValueError):
            return None
    return min(max(seconds, 0.0), maximum) if math.isfinite(seconds) else None


def read_date(value: str | None) -> datetime:
    """Return the time of a Date header; the local time where there is none that can be read."""
    try:
        return _to_aware(parsedate_to_datetime(value)) if value else datetime.now(UTC)
    except (TypeError, ValueError):
        return datetime.now(UTC)


def _to_aware(time: datetime) -> datetime:
    """Return a time with a zone: `-0000` gives none, and means UTC."""
    return time if time.tzinfo else time.replace(tzinfo=UTC)
