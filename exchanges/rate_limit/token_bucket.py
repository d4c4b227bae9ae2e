"""How fast an exchange may be asked: a token bucket, and what the exchange itself says. Pure; times are handed in.

Two things can make a call wait beyond the bucket: the exchange told us to stay away (Retry-After), and the exchange
counted more than we did, because others call it from our address.
"""

from dataclasses import dataclass, replace

SHARE = 0.9
"""Of an exchange's limit we use so much at most: what is counted in one minute here may arrive in the next there."""

_BURST = 0.1
_SHORTEST_WAIT = 0.001
_SAME_WINDOW = 5.0
"""Seconds: ends of the exchange's window that lie closer are the same one, seen through latency and whole seconds."""


@dataclass(frozen=True, slots=True)
class Limit:
    """`weight` per `window` seconds, of calls that weigh `heaviest` at most. `told`: the exchange itself said so."""

    weight: float
    window: float
    heaviest: float
    told: bool = False


@dataclass(frozen=True, slots=True)
class Pace:
    """Tokens: `rate` a second, `burst` at once; and `ceiling`, what the exchange may have counted in its window."""

    rate: float
    burst: float
    ceiling: float
    told: bool = False

    @classmethod
    def of(cls, limit: Limit, sharers: int = 1) -> "Pace":
        """Such that a `sharers`-th of SHARE of the limit is never exceeded, in whichever window one counts.

        In any window go at most rate x window, and the burst, and one call that began with the last token.
        """
        room = SHARE * limit.weight / sharers
        burst, overdraft = _BURST * room, min(limit.heaviest, room / 4)
        return cls((room - burst - overdraft) / limit.window, burst, SHARE * limit.weight, limit.told)


@dataclass(frozen=True, slots=True)
class News:
    """What a bucket has not heard of yet. Seconds and weight.

    debt        spent elsewhere while this bucket was out of reach
    closed      so long the exchange wants no call at all
    used, left  what it has counted in its present window, and how long that still lasts
    """

    debt: float = 0.0
    closed: float = 0.0
    used: float = 0.0
    left: float = 0.0


NO_NEWS = News()


@dataclass(frozen=True, slots=True)
class Bucket:
    """`tokens` at the time `at`; a new one is empty, for nobody knows what was spent before it. Times in seconds."""

    at: float
    tokens: float = 0.0
    closed_until: float = 0.0
    used: float = 0.0
    used_until: float = 0.0
    told: Pace | None = None


def take(bucket: Bucket, pace: Pace, weight: float, now: float, news: News = NO_NEWS) -> tuple[Bucket, float]:
    """The bucket after a call of `weight`, and 0; or as it is without, and in how many seconds to ask again.

    A call may go while the tokens are not below nothing, and takes them there if it is heavy: so heavy ones are not
    starved by light ones. Whoever was told the pace by the exchange tells those who guess.
    """
    told = pace if pace.told else bucket.told
    pace = told or pace
    bucket = _heard(replace(_refilled(bucket, pace, now), told=told), news, now)
    wait = _wait(bucket, pace, weight, now)
    if wait > 0:
        return bucket, max(wait, _SHORTEST_WAIT)
    return replace(bucket, tokens=bucket.tokens - weight, used=bucket.used + weight), 0.0


def _refilled(bucket: Bucket, pace: Pace, now: float) -> Bucket:
    tokens = min(pace.burst, bucket.tokens + pace.rate * max(0.0, now - bucket.at))
    used = bucket.used if now < bucket.used_until else 0.0
    return replace(bucket, at=now, tokens=tokens, used=used)


def _heard(bucket: Bucket, news: News, now: float) -> Bucket:
    used, used_until = _counted(bucket, news, now)
    closed_until = max(bucket.closed_until, now + news.closed) if news.closed > 0 else bucket.closed_until
    tokens = bucket.tokens - news.debt
    return replace(bucket, tokens=tokens, closed_until=closed_until, used=used, used_until=used_until)


def _counted(bucket: Bucket, news: News, now: float) -> tuple[float, float]:
    """The exchange's count is believed where it is above ours; that of a window gone by is not news any more."""
    until = now + news.left
    if news.left <= 0 or until < bucket.used_until - _SAME_WINDOW:
        return bucket.used, bucket.used_until
    if until > bucket.used_until + _SAME_WINDOW:
        return news.used, until
    return max(bucket.used, news.used), max(bucket.used_until, until)


def _wait(bucket: Bucket, pace: Pace, weight: float, now: float) -> float:
    closed = bucket.closed_until - now
    full = now < bucket.used_until and bucket.used > 0 and bucket.used + weight > pace.ceiling
    counted = bucket.used_until - now if full else 0.0
    return max(closed, counted, -bucket.tokens / pace.rate, 0.0)
