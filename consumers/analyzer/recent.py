"""What this process did a moment ago, so that an equal request costs no second call. Bounded; time is passed in."""

from collections.abc import Hashable
from dataclasses import dataclass

from exchanges.ports import Series
from runtime.lru import LruDict

FRESH_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class FetchedSeries:
    """A series, when its fetch ended (monotonic seconds), and the candle period in which its call began."""

    series: Series
    fetched_at: float
    period: int


class RecentSeries:
    """Series fetched less than 5 s ago, in the same candle period, for the same market and limit."""

    def __init__(self, capacity: int = 256) -> None:
        self._fetched: LruDict[Hashable, FetchedSeries] = LruDict(capacity)

    def get(self, key: Hashable, now: float, period: int) -> Series | None:
        fetched = self._fetched.get(key)
        if fetched is None or now - fetched.fetched_at >= FRESH_SECONDS or fetched.period != period:
            return None
        return fetched.series

    def put(self, key: Hashable, fetched: FetchedSeries) -> None:
        self._fetched.put(key, fetched)


class CompletedRequests:
    """Requests that this process has completed: one that is redelivered after a rebalance needs no new work."""

    def __init__(self, capacity: int = 100_000) -> None:
        self._keys: LruDict[Hashable, None] = LruDict(capacity)

    def __contains__(self, key: Hashable) -> bool:
        return key in self._keys

    def add(self, key: Hashable) -> None:
        self._keys.put(key, None)
