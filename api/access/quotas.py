"""How many requests may come in a minute, and what a client is told of it. Pure; times are seconds.

A window begins with a client's first request and ends WINDOW later. The headers are those of
https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/ (draft 10).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

WINDOW = 60


@dataclass(frozen=True, slots=True)
class Quota:
    """`most` requests of a kind in a window, of one client."""

    name: str
    most: int


@dataclass(frozen=True, slots=True)
class Count:
    """So many were `seen` in the window of `quota`, this one among them; it ends in `left` seconds."""

    quota: Quota
    seen: int
    left: float

    @property
    def exceeded(self) -> bool:
        return self.seen > self.quota.most

    @property
    def remaining(self) -> int:
        return max(0, self.quota.most - self.seen)


@dataclass(frozen=True, slots=True)
class Window:
    """One client's; `ends` is on the monotonic clock."""

    ends: float
    seen: int

    def counted(self, now: float) -> "Window":
        return Window(self.ends, self.seen + 1) if now < self.ends else Window(now + WINDOW, 1)


def headers(counts: Sequence[Count]) -> Mapping[str, str]:
    """What each answer says of the quotas that it was counted against."""
    return {
        "RateLimit-Policy": ", ".join(f'"{one.quota.name}";q={one.quota.most};w={WINDOW}' for one in counts),
        "RateLimit": ", ".join(
            f'"{one.quota.name}";r={one.remaining};t={max(0, ceil(one.left))}' for one in counts
        ),
    }
