"""How fast an exchange may be called: a token bucket, corrected by the exchange's own reports. Pure.

Two things can delay a call beyond the bucket: the exchange asked for a pause (Retry-After), or it counted more weight
than this process did, because other clients call it from the same address.
"""

from dataclasses import dataclass, replace

SHARE = 0.9
"""The part of an exchange's limit that is used: a call counted in one minute here may arrive in the next one there."""

_BURST = 0.1
_MIN_WAIT = 0.001
_SAME_WINDOW = 5.0
"""Seconds. Window ends that lie closer together are one window, seen through latency and whole-second rounding."""


@dataclass(frozen=True, slots=True)
class RateLimit:
    """`weight` per `window` seconds, for calls of at most `heaviest`. `from_exchange`: read from its own answers."""

    weight: float
    window: float
    heaviest: float
    from_exchange: bool = False


@dataclass(frozen=True, slots=True)
class TokenRate:
    """`rate` tokens a second, at most `burst` at once; `ceiling` is the weight the exchange may count in one window."""

    rate: float
    burst: float
    ceiling: float
    from_exchange: bool = False

    @classmethod
    def from_limit(cls, limit: RateLimit, sharers: int = 1) -> "TokenRate":
        """Return a rate that never exceeds 1/`sharers` of SHARE of the limit, in any window.

        A window holds at most rate x window, plus the burst, plus one call that started with the last token.
        """
        room = SHARE * limit.weight / sharers
        burst, overdraft = _BURST * room, min(limit.heaviest, room / 4)
        return cls(
            (room - burst - overdraft) / limit.window, burst, SHARE * limit.weight, limit.from_exchange
        )


@dataclass(frozen=True, slots=True)
class UsageReport:
    """What a bucket does not know yet. Seconds and weight.

    debt                 weight spent elsewhere while this bucket was unreachable
    blocked_for          seconds during which the exchange accepts no call
    used, window_left    weight the exchange has counted in its present window, and how long that window lasts
    """

    debt: float = 0.0
    blocked_for: float = 0.0
    used: float = 0.0
    window_left: float = 0.0


NO_REPORT = UsageReport()


@dataclass(frozen=True, slots=True)
class BucketState:
    """`tokens` at time `at` (seconds). A new bucket is empty, because what was spent before it is unknown."""

    at: float
    tokens: float = 0.0
    blocked_until: float = 0.0
    used: float = 0.0
    used_until: float = 0.0
    known_rate: TokenRate | None = None


def take(
    bucket: BucketState, token_rate: TokenRate, weight: float, now: float, report: UsageReport = NO_REPORT
) -> tuple[BucketState, float]:
    """Return the bucket after a call of `weight`, and 0; or the unchanged bucket and the seconds to wait.

    A call may go while the tokens are not negative, and may make them so: heavy calls are not starved by light ones.
    A rate that came from the exchange replaces one that was assumed.
    """
    known = token_rate if token_rate.from_exchange else bucket.known_rate
    token_rate = known or token_rate
    bucket = _apply_report(replace(_refill(bucket, token_rate, now), known_rate=known), report, now)
    wait = _wait(bucket, token_rate, weight, now)
    if wait > 0:
        return bucket, max(wait, _MIN_WAIT)
    return replace(bucket, tokens=bucket.tokens - weight, used=bucket.used + weight), 0.0


def _refill(bucket: BucketState, token_rate: TokenRate, now: float) -> BucketState:
    tokens = min(token_rate.burst, bucket.tokens + token_rate.rate * max(0.0, now - bucket.at))
    used = bucket.used if now < bucket.used_until else 0.0
    return replace(bucket, at=now, tokens=tokens, used=used)


def _apply_report(bucket: BucketState, report: UsageReport, now: float) -> BucketState:
    used, used_until = _merge_usage(bucket, report, now)
    blocked = now + report.blocked_for if report.blocked_for > 0 else bucket.blocked_until
    return replace(
        bucket,
        tokens=bucket.tokens - report.debt,
        blocked_until=max(bucket.blocked_until, blocked),
        used=used,
        used_until=used_until,
    )


def _merge_usage(bucket: BucketState, report: UsageReport, now: float) -> tuple[float, float]:
    """Return the exchange's count where it is above ours; a count of an earlier window is ignored."""
    until = now + report.window_left
    if report.window_left <= 0 or until < bucket.used_until - _SAME_WINDOW:
        return bucket.used, bucket.used_until
    if until > bucket.used_until + _SAME_WINDOW:
        return report.used, until
    return max(bucket.used, report.used), max(bucket.used_until, until)


def _wait(bucket: BucketState, token_rate: TokenRate, weight: float, now: float) -> float:
    blocked = bucket.blocked_until - now
    full = now < bucket.used_until and bucket.used > 0 and bucket.used + weight > token_rate.ceiling
    window = bucket.used_until - now if full else 0.0
    return max(blocked, window, -bucket.tokens / token_rate.rate, 0.0)
