"""Where token buckets are kept, as the budget sees it; and the ones of a process that has them to itself."""

from typing import Protocol

from exchanges.rate_limit.token_bucket import NO_NEWS, Bucket, Limit, News, Pace, take
from runtime.clock import Clock


class Buckets(Protocol):
    """Token buckets by name (`binance:spot`), each for one limit of one exchange."""

    async def take(self, name: str, limit: Limit, weight: float, news: News = NO_NEWS) -> float:
        """Hear `news`, then take `weight` at once: 0. Or take nothing: the seconds after which to ask again.

        A weight of 0 tells the news and no more.
        """
        ...

    async def close(self) -> None: ...


class LocalBuckets:
    """In memory, for one of `sharers` processes behind one address, each of which keeps to its part of every limit."""

    def __init__(self, clock: Clock, sharers: int) -> None:
        self._clock = clock
        self._sharers = sharers
        self._buckets: dict[str, tuple[Bucket, Pace]] = {}

    async def take(self, name: str, limit: Limit, weight: float, news: News = NO_NEWS) -> float:
        now, pace = self._clock.monotonic(), Pace.of(limit, self._sharers)
        bucket, _ = self._buckets.get(name, (Bucket(at=now), pace))
        bucket, wait = take(bucket, pace, weight, now, news)
        self._buckets[name] = bucket, bucket.told or pace
        return wait

    def handed_over(self, name: str) -> News:
        """What whoever takes over from here must know."""
        if name not in self._buckets:
            return NO_NEWS
        bucket, pace = self._buckets[name]
        now = self._clock.monotonic()
        tokens = min(pace.burst, bucket.tokens + pace.rate * (now - bucket.at))
        return News(debt=pace.burst - tokens, closed=max(0.0, bucket.closed_until - now))

    def forget(self, name: str | None = None) -> None:
        """The bucket of that name, or all of them: what is forgotten starts empty."""
        if name is None:
            self._buckets.clear()
        else:
            self._buckets.pop(name, None)

    async def close(self) -> None:
        """Nothing is open."""
