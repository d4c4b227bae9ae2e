"""Decides whether a watch is blind: no price of its market is known. Pure; API, metrics and watcher share this rule."""

from datetime import datetime

from schemas.values import to_ms


def known_until(known_at: int | None, since: datetime) -> int:
    """Return until when (ms) the price of a watch is known.

    `known_at` (ms) is that of its market, None where there is none; `since` is when the watch was made or changed.
    """
    return max(known_at or 0, to_ms(since))


def is_blind(until: int, now: datetime, after: float) -> bool:
    """Return whether a price that is known `until` then (ms) is older than `after` seconds."""
    return to_ms(now) - until > after * 1_000


def blind_cutoff(now: datetime, after: float) -> int:
    """Return the time (ms) at which a price must be known for a watch not to be blind."""
    return to_ms(now) - int(after * 1_000)
