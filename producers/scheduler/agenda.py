"""The watched markets in the order in which their requests are due. Pure: `now` (ms) comes in.

Two heaps: *upcoming* by the time at which each market is due next, *open* by when a request that is due is superseded.
So a round costs what is due in it, however many markets are watched.
"""

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from producers.scheduler.schedule import DueRequest, SchedulePolicy, newest_due, next_due_at
from schemas.market import Market

_MAX_STEP_BACK = 60_000
"""A clock that goes back by more (ms) was wrong before: every market's next time is computed again."""


class Agenda:
    """Each watched market has one upcoming time, and at most one open request: that of its newest candle due."""

    def __init__(self, policy: SchedulePolicy) -> None:
        self._policy = policy
        self._markets: dict[str, Market] = {}
        self._next_at: dict[str, int] = {}
        self._upcoming: list[tuple[int, str]] = []
        self._open: dict[str, DueRequest] = {}
        self._priorities: Mapping[str, int] = {}
        self._urgency: list[tuple[int, int, str]] = []
        self._requested: dict[str, int] = {}
        self._latest = 0

    def __len__(self) -> int:
        """Return how many requests are open."""
        return len(self._open)

    def watch(
        self, markets: Iterable[Market], now: int, priorities: Mapping[str, int] = MappingProxyType({})
    ) -> None:
        """Watch these markets and no others. Those watched before keep their state, and an open request its place."""
        watched = {market.key: market for market in markets}
        self._priorities = priorities
        for key in self._markets.keys() - watched.keys():
            del self._next_at[key]
            self._open.pop(key, None)
        added = watched.keys() - self._markets.keys()
        self._markets = watched
        for key in added:
            self._advance(key, now)

    def set_phases(self, phases: Mapping[tuple[str, str], int], now: int) -> None:
        """Use these phases of candles; compute the times of the markets again whose phase has changed."""
        before, self._policy = self._policy, replace(self._policy, phases=phases)
        for key, market in self._markets.items():
            if before.phase_of(market) != self._policy.phase_of(market):
                self._open.pop(key, None)
                self._advance(key, now)

    def take(self, limit: int, now: int) -> list[DueRequest]:
        """Take up to `limit` of the requests that are due now, by priority, then most urgent first.

        `record` or `put_back` each.
        """
        self._open_due(now)
        taken: list[DueRequest] = []
        while self._urgency and len(taken) < limit:
            _, superseded_at, key = heapq.heappop(self._urgency)
            due = self._open.get(key)
            if due is not None and due.superseded_at == superseded_at:
                taken.append(self._open.pop(key))
        return taken

    def record(self, due: DueRequest) -> None:
        """Note that this candle needs no further request."""
        self._requested[due.market.key] = due.candle

    def put_back(self, due: DueRequest) -> None:
        """Open a request again that was taken and not published, unless a newer candle has superseded it."""
        if due.market.key in self._markets and due.market.key not in self._open:
            self._put(due)

    def next_at(self) -> int | None:
        """Return when (ms) the next request becomes due; None where no market is watched."""
        while self._upcoming and not self._is_current(*self._upcoming[0]):
            heapq.heappop(self._upcoming)
        return self._upcoming[0][0] if self._upcoming else None

    def _open_due(self, now: int) -> None:
        if now < self._latest - _MAX_STEP_BACK:
            self._upcoming.clear()
            for key in self._markets:
                self._advance(key, now)
        self._latest = now
        while self._upcoming and self._upcoming[0][0] <= now:
            at, key = heapq.heappop(self._upcoming)
            if self._is_current(at, key):
                self._advance(key, now)

    def _advance(self, key: str, now: int) -> None:
        """Open the newest request of a market that is due, unless it was made, and set its next time."""
        market = self._markets[key]
        due = newest_due(market, now, self._policy)
        if due.candle > self._requested.get(key, -1):
            self._put(due)
        at = next_due_at(market, now, self._policy)
        self._next_at[key] = at
        heapq.heappush(self._upcoming, (at, key))

    def _put(self, due: DueRequest) -> None:
        # Within a priority by when it is superseded: then no market of it waits for ever, even where more is due than
        # the rate allows.
        key = due.market.key
        self._open[key] = due
        heapq.heappush(self._urgency, (-self._priorities.get(key, 0), due.superseded_at, key))

    def _is_current(self, at: int, key: str) -> bool:
        return self._next_at.get(key) == at
