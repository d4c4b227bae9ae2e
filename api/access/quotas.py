"""Quotas: how many requests a client may send in a minute, and the headers that report them. Pure; times in seconds.

A window starts with the first request of a client and lasts WINDOW seconds. The headers are those of
https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/ (draft 10).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

WINDOW = 60

LIMITED_PATHS = ("/api/", "/analyze", "/results", "/udf/", "/chart.png")
"""The pages and the health check are cheap, and must always be reachable."""


@dataclass(frozen=True, slots=True)
class Quota:
    """At most `limit` requests of one kind in a window, for each client."""

    name: str
    limit: int


@dataclass(frozen=True, slots=True)
class QuotaUsage:
    """`count` requests in the present window, including this one; the window ends in `seconds_left`."""

    quota: Quota
    count: int
    seconds_left: float

    @property
    def is_exceeded(self) -> bool:
        return self.count > self.quota.limit

    @property
    def remaining(self) -> int:
        return max(0, self.quota.limit - self.count)


@dataclass(frozen=True, slots=True)
class Window:
    """The window of one client; `ends_at` is on the monotonic clock."""

    ends_at: float
    count: int

    def add_request(self, now: float) -> "Window":
        """Return this window with one request more, or a new one if it has ended."""
        return Window(self.ends_at, self.count + 1) if now < self.ends_at else Window(now + WINDOW, 1)


def rate_limit_headers(usages: Sequence[QuotaUsage]) -> Mapping[str, str]:
    """Return the headers that report the quotas of a request."""
    return {
        "RateLimit-Policy": ", ".join(
            f'"{usage.quota.name}";q={usage.quota.limit};w={WINDOW}' for usage in usages
        ),
        "RateLimit": ", ".join(
            f'"{usage.quota.name}";r={usage.remaining};t={max(0, ceil(usage.seconds_left))}'
            for usage in usages
        ),
    }
