"""What this process has just done, so that an equal request costs nothing more. Bounded; time is handed in."""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

from exchanges.ports import Series

FRESH_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Fetched:
    """A series, when its fetch ended (monotonic seconds), and in which candle period of the wall clock."""

    series: Series
    ended: float
    period: int


class RecentSeries:
    """Series fetched less than 5 s ago, in the same candle period, for the same market and limit."""

    def __init__(self, most: int = 256) -> None:
        self._most = most
        self._fetched: OrderedDict[Hashable, Fetched] = OrderedDict()

    def get(self, key: Hashable, now: float, period: int) -> Series | None:
        found = self._fetched.get(key)
        if found is None or now - found.ended >= FRESH_SECONDS or found.period != period:
            return None
        return found.series

    def put(self, key: Hashable, fetched: Fetched) -> None:
        self._fetched[key] = fetched
        self._fetched.move_to_end(key)
        while len(self._fetched) > self._most:
            self._fetched.popitem(last=False)


class Answered:
    """Requests that this process has completed; what is redelivered after a rebalance needs no new work."""

    def __init__(self, most: int = 100_000) -> None:
        self._most = most
        self._ids: OrderedDict[Hashable, None] = OrderedDict()

    def __contains__(self, request: Hashable) -> bool:
        return request in self._ids

    def add(self, request: Hashable) -> None:
        self._ids[request] = None
        while len(self._ids) > self._most:
            self._ids.popitem(last=False)
