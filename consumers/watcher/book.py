"""The watches of one market, found by their targets: a price looks only at those between it and the one before."""

from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Iterator

from consumers.watcher.machine import armed_by, period_ended, step
from consumers.watcher.watch import Fire, Standing, Tick, Watch
from schemas.watches import CLOSES

KEPT_MS = 10_000
"""So long prices are kept for watches that are heard of after them: they are asked for once a second."""

MOST_KEPT_MS = 130_000
"""So long they are kept at most where the table does not answer at once: a look at it takes two minutes or fails."""

PUT_BACK_MS = 60_000
"""A price that comes late comes sooner than this."""


class Book:
    """Holds the standing of its watches. No I/O, no clock.

    What keeps it right: a touch or cross can fire only where its target lies between two prices, and a close condition
    that is not armed can be armed only there, because it is armed at once when price is away as it comes in.
    """

    def __init__(self) -> None:
        self.previous: Tick | None = None
        self._watches: dict[str, Watch] = {}
        self._standings: dict[str, Standing] = {}
        self._targets: list[tuple[float, str]] = []
        self._closes: dict[str, set[str]] = {}
        self._recent: deque[tuple[Tick | None, Tick]] = deque()

    def __len__(self) -> int:
        return len(self._watches)

    def standing(self, watch_id: str) -> Standing:
        return self._standings[watch_id]

    def put(self, watch: Watch, standing: Standing) -> list[Fire]:
        """Take it in, or in its new shape; and let it see the prices that were told since, while nobody knew of it."""
        known = self._watches.get(watch.id)
        self.remove(watch.id)
        self._watches[watch.id] = watch
        self._standings[watch.id] = standing
        insort(self._targets, (watch.target, watch.id))
        if watch.condition in CLOSES and watch.timeframe is not None:
            self._closes.setdefault(watch.timeframe, set()).add(watch.id)
        fires: list[Fire] = []
        if known is None or known.since != watch.since:
            for previous, tick in self._recent:
                if tick.told >= watch.since:
                    self._arm(watch.id, previous)
                    fires += self._step(watch.id, previous, tick)
        self._arm(watch.id, self.previous)
        return fires

    def remove(self, watch_id: str) -> None:
        watch = self._watches.pop(watch_id, None)
        if watch is None:
            return
        del self._standings[watch_id]
        del self._targets[bisect_left(self._targets, (watch.target, watch_id))]
        if watch.timeframe in self._closes:
            self._closes[watch.timeframe].discard(watch_id)
            if not self._closes[watch.timeframe]:
                del self._closes[watch.timeframe]

    def tick(self, tick: Tick, looked: int | None = None) -> list[Fire]:
        """What `tick` fires. One that comes late, after a later one, is passed over.

        It may have been dealt with before, by whoever: what it fired then is known, and does not fire again.
        `looked`: when the table was last looked at (ms); prices since are kept for watches that are not known yet.
        """
        previous = self.previous
        if _is_late(previous, tick):
            return []
        self.previous = tick
        self._remember(previous, tick, looked)
        if previous is None:
            self._arm_all(tick)
            return []
        return [
            fire
            for watch_id in self._touched(previous, tick)
            for fire in self._step(watch_id, previous, tick)
        ]

    def _touched(self, previous: Tick, tick: Tick) -> Iterator[str]:
        ended = [ids for timeframe, ids in self._closes.items() if period_ended(timeframe, previous, tick)]
        closing = set().union(*ended) if ended else set()
        yield from closing
        if previous.price != tick.price:
            low, high = sorted((previous.price, tick.price))
            first = bisect_left(self._targets, (low,))
            last = bisect_right(self._targets, (high, _AFTER_ANY_ID))
            for _, watch_id in self._targets[first:last]:
                if watch_id not in closing:
                    yield watch_id

    def _step(self, watch_id: str, previous: Tick | None, tick: Tick) -> Iterator[Fire]:
        standing, fire = step(self._watches[watch_id], self._standings[watch_id], previous, tick)
        self._standings[watch_id] = standing
        if fire is not None:
            yield fire

    def _arm_all(self, tick: Tick) -> None:
        for watch_ids in self._closes.values():
            for watch_id in watch_ids:
                self._arm(watch_id, tick)

    def _arm(self, watch_id: str, tick: Tick | None) -> None:
        if tick is not None:
            self._standings[watch_id] = armed_by(self._watches[watch_id], self._standings[watch_id], tick)

    def _remember(self, previous: Tick | None, tick: Tick, looked: int | None) -> None:
        self._recent.append((previous, tick))
        unlooked = max(0, tick.told - looked) if looked is not None else 0
        oldest = tick.told - min(KEPT_MS + unlooked, MOST_KEPT_MS)
        while self._recent[0][1].told < oldest:
            self._recent.popleft()


def _is_late(previous: Tick | None, tick: Tick) -> bool:
    """Told long after a later one, it is not late: the exchange's clock was put back."""
    if previous is None or tick.at >= previous.at:
        return False
    return tick.told <= previous.told + PUT_BACK_MS


_AFTER_ANY_ID = "\x7f"
