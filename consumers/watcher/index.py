"""The watches of one instrument, sorted by target: a price evaluates only those between it and the price before."""

from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Iterator

from consumers.watcher.transitions import advance, is_candle_end, update_arming
from consumers.watcher.watch import Fire, Tick, Watch, WatchState
from schemas.records import WatchedPriceRecord
from schemas.watches import CLOSES

RECENT_MS = 10_000
"""Prices are kept this long for watches that are loaded after them: the table is read once a second."""

MAX_RECENT_MS = 130_000
"""Prices are kept at most this long while the table cannot be read: a read takes two minutes or fails."""

CLOCK_RESET_MS = 60_000
"""A price published longer than this after a later-traded one is not late: the exchange's clock was set back."""


class WatchIndex:
    """Holds the watches and their states. No I/O, no clock.

    What keeps it correct: a touch or cross fires only where its target lies between two prices, and an unarmed close
    condition can be armed only there, because it is armed on arrival if price is then away from its target.
    """

    def __init__(self) -> None:
        self.previous: Tick | None = None
        self._watches: dict[str, Watch] = {}
        self._states: dict[str, WatchState] = {}
        self._targets: list[tuple[float, str]] = []
        self._closes: dict[str, set[str]] = {}
        self._recent: deque[tuple[Tick | None, Tick]] = deque()

    def __len__(self) -> int:
        return len(self._watches)

    def find_price(self) -> WatchedPriceRecord | None:
        """Return the row of the last price; None where there is none, or no watch."""
        watch, tick = next(iter(self._watches.values()), None), self.previous
        if watch is None or tick is None:
            return None
        return {
            "exchange": watch.exchange,
            "market_type": watch.market_type,
            "symbol": watch.symbol,
            "price": tick.price,
            "traded_at": tick.traded_at,
            "known_at": tick.known_at,
            "unchecked_from": None,
        }

    def state(self, watch_id: str) -> WatchState:
        return self._states[watch_id]

    def put(self, watch: Watch, state: WatchState) -> list[Fire]:
        """Add or replace a watch, and return the fires by recent prices from before it was loaded."""
        known = self._watches.get(watch.id)
        self.remove(watch.id)
        self._watches[watch.id] = watch
        self._states[watch.id] = state
        insort(self._targets, (watch.target, watch.id))
        if watch.condition in CLOSES and watch.timeframe is not None:
            self._closes.setdefault(watch.timeframe, set()).add(watch.id)
        is_new = known is None or known.since != watch.since
        fires = self._replay_recent(watch) if is_new else []
        self._arm(watch.id, self.previous)
        return fires

    def remove(self, watch_id: str) -> None:
        watch = self._watches.pop(watch_id, None)
        if watch is None:
            return
        del self._states[watch_id]
        del self._targets[bisect_left(self._targets, (watch.target, watch_id))]
        if watch.timeframe in self._closes:
            self._closes[watch.timeframe].discard(watch_id)
            if not self._closes[watch.timeframe]:
                del self._closes[watch.timeframe]

    def apply_tick(self, tick: Tick, loaded_at: int | None = None) -> list[Fire]:
        """Return the fires of `tick`; one that arrives after a later-traded price is ignored.

        It may be a replay of a price that another watcher processed: what it fired then is known and does not fire
        again. `loaded_at` (ms): when the table was last read; prices since then are kept for watches not loaded yet.
        """
        previous = self.previous
        if _is_late(previous, tick):
            return []
        self.previous = tick
        self._remember(previous, tick, loaded_at)
        if previous is None:
            self._arm_closes(tick)
            return []
        candidates = self._select_candidates(previous, tick)
        return [fire for watch_id in candidates for fire in self._advance(watch_id, previous, tick)]

    def _select_candidates(self, previous: Tick, tick: Tick) -> Iterator[str]:
        """Yield the watches that the step may change: closes whose candle ended, and targets between the prices."""
        ended = [ids for timeframe, ids in self._closes.items() if is_candle_end(timeframe, previous, tick)]
        closing = set().union(*ended) if ended else set()
        yield from closing
        if previous.price != tick.price:
            low, high = sorted((previous.price, tick.price))
            first = bisect_left(self._targets, (low,))
            last = bisect_right(self._targets, (high, _AFTER_ANY_ID))
            for _, watch_id in self._targets[first:last]:
                if watch_id not in closing:
                    yield watch_id

    def _advance(self, watch_id: str, previous: Tick | None, tick: Tick) -> Iterator[Fire]:
        self._states[watch_id], fire = advance(
            self._watches[watch_id], self._states[watch_id], previous, tick
        )
        if fire is not None:
            yield fire

    def _replay_recent(self, watch: Watch) -> list[Fire]:
        fires: list[Fire] = []
        for previous, tick in self._recent:
            if tick.published_at >= watch.since:
                self._arm(watch.id, previous)
                fires += self._advance(watch.id, previous, tick)
        return fires

    def _arm_closes(self, tick: Tick) -> None:
        for watch_ids in self._closes.values():
            for watch_id in watch_ids:
                self._arm(watch_id, tick)

    def _arm(self, watch_id: str, tick: Tick | None) -> None:
        if tick is not None:
            self._states[watch_id] = update_arming(self._watches[watch_id], self._states[watch_id], tick)

    def _remember(self, previous: Tick | None, tick: Tick, loaded_at: int | None) -> None:
        self._recent.append((previous, tick))
        since_load = max(0, tick.published_at - loaded_at) if loaded_at is not None else 0
        oldest = tick.published_at - min(RECENT_MS + since_load, MAX_RECENT_MS)
        while self._recent[0][1].published_at < oldest:
            self._recent.popleft()


def _is_late(previous: Tick | None, tick: Tick) -> bool:
    """Return whether `tick` was traded before `previous`, unless it was published so much later (`CLOCK_RESET_MS`)."""
    if previous is None or tick.traded_at >= previous.traded_at:
        return False
    return tick.published_at <= previous.published_at + CLOCK_RESET_MS


_AFTER_ANY_ID = "\x7f"
