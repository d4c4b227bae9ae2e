"""The watches of one instrument, sorted by target: a price evaluates only those between it and the price before."""

from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace

from consumers.watcher.candle_checks import CandleCheck, PendingChecks
from consumers.watcher.candle_path import advance_close, advance_touch
from consumers.watcher.silence import (
    MAX_LOOKBACK_MS,
    MINUTE_MS,
    STEP_WAIT_MS,
    PricedMinute,
    Silence,
    to_minute,
)
from consumers.watcher.transitions import Transition, advance, step, update_arming
from consumers.watcher.watch import Fire, Tick, Watch, WatchState
from exchanges.ports import Candle
from schemas.market import candle_end
from schemas.records import WatchedPriceRecord
from schemas.watches import CLOSES

RECENT_MS = 10_000
"""Prices are kept this long for watches that are loaded after them: the table is read once a second."""

MAX_RECENT_MS = 130_000
"""Prices are kept at most this long while the table cannot be read: a read takes two minutes or fails."""

NO_SILENCE = 10**15
"""A `max_silence` (ms) without which no candle is ever looked at for what prices did not show."""

NEAR = 0.03
"""How near (as a share) to the prices of a minute a target is that price may have reached between two of them."""

LATE_MS = 60_000
"""A close that is checked longer than this after the end of its candle is late."""

CLOCK_RESET_MS = 60_000
"""A price published longer than this after a later-traded one is not late: the exchange's clock was set back."""


class WatchIndex:
    """Holds the watches and their states. No I/O, no clock.

    What keeps it correct: a touch or cross fires only where its target lies between two prices, and an unarmed close
    condition can be armed only there, because it is armed on arrival if price is then away from its target.
    """

    def __init__(self, max_silence: int = NO_SILENCE) -> None:
        self.previous: Tick | None = None
        self._checks = PendingChecks(max_silence)
        self._baselines: dict[str, Candle] = {}
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
            "unchecked_from": self._checks.find_unchecked(watch, tick),
        }

    def state(self, watch_id: str) -> WatchState:
        return self._states[watch_id]

    def put(self, watch: Watch, state: WatchState) -> list[Fire]:
        """Add or replace a watch, and return the fires by recent prices from before it was loaded."""
        known = self._watches.get(watch.id)
        self.remove(watch.id)
        self._watches[watch.id] = watch
        self._states[watch.id] = state
        for price in _triggers(watch):
            insort(self._targets, (price, watch.id))
        if watch.condition in CLOSES and watch.timeframe is not None:
            self._closes.setdefault(watch.timeframe, set()).add(watch.id)
            self._checks.follow_closes(watch.timeframe, watch.exchange, self.previous, watch.since)
        is_new = known is None or known.since != watch.since
        if is_new and watch.condition not in CLOSES:
            self._checks.request_baseline(watch)
        fires = self._replay_recent(watch) if is_new else []
        self._arm(watch.id, self.previous)
        return fires

    def remove(self, watch_id: str) -> None:
        watch = self._watches.pop(watch_id, None)
        if watch is None:
            return
        del self._states[watch_id]
        self._baselines.pop(watch_id, None)
        self._checks.drop_baseline(watch_id)
        for price in _triggers(watch):
            del self._targets[bisect_left(self._targets, (price, watch_id))]
        if watch.timeframe in self._closes:
            self._closes[watch.timeframe].discard(watch_id)
            if not self._closes[watch.timeframe]:
                del self._closes[watch.timeframe]
                self._checks.forget_closes(watch.timeframe)

    def apply_tick(self, tick: Tick, loaded_at: int | None = None) -> list[Fire]:
        """Return the fires of `tick`; one that arrives after a later-traded price is ignored.

        It may be a replay of a price that another watcher processed: what it fired then is known and does not fire
        again. `loaded_at` (ms): when the table was last read; prices since then are kept for watches not loaded yet.
        """
        previous, is_first = self.previous, self.previous is None
        if _is_late(previous, tick):
            return []
        previous = previous or self._checks.resume(tick) or self._find_beginning(tick)
        self.previous = tick
        self._remember(previous, tick, loaded_at)
        if is_first:
            self._arm_closes(tick)
            self._follow_closes(tick)
        if previous is not None and self._begin_silence(previous, tick, is_first=is_first):
            return []
        self._follow_minute(previous or tick, tick)
        if previous is None:
            return []
        if is_first:
            return self._step(previous.price, previous.traded_at, tick)
        candidates = self._select_candidates(previous, tick)
        return [fire for watch_id in candidates for fire in self._advance(watch_id, previous, tick)]

    def set_known(self, row: WatchedPriceRecord) -> None:
        """Take the last price that a watcher evaluated before: the first price continues from there."""
        self._checks.set_known(row)

    def is_checked_until(self, time: int, row: WatchedPriceRecord | None) -> bool:
        """Return whether a price came after `time` (ms), and no candle of a whole minute before it is unchecked.

        `row`: what the table has of this market, which counts while no price came here: another watcher may have it.
        True where no candles are checked.
        """
        watch = next(iter(self._watches.values()), None)
        if watch is None or self._checks.max_silence >= NO_SILENCE:
            return True
        if self.previous is not None:
            known_at = self.previous.known_at
            unchecked = self._checks.find_unchecked(watch, self.previous)
        elif row is not None:
            known_at, unchecked = row["known_at"], row["unchecked_from"]
        else:
            return False
        if known_at < time:
            return False
        return unchecked is None or unchecked >= to_minute(time)

    def find_checks(self, now: int) -> Iterator[CandleCheck]:
        """Yield the candles that can be checked now (ms)."""
        watch = next(iter(self._watches.values()), None)
        if watch is not None and self.previous is not None:
            yield from self._checks.find_due(watch, self.previous, now)

    def apply_candles(
        self, check: CandleCheck, closed: Sequence[Candle], unclosed: Candle | None, now: int
    ) -> list[Fire]:
        """Return the fires of candles that the exchange has closed; `now` (ms) decides what is late."""
        candles = check.select(closed)
        match check.kind:
            case "silence" | "near":
                return self._check_silence(candles, check.until, check.find_close_before(closed))
            case "close":
                return self._check_closes(check, candles, now)
            case "baseline":
                for watch_id in self._checks.take_baselines(check.start):
                    if unclosed is not None and unclosed.time == check.start:
                        self._baselines[watch_id] = unclosed
                return []

    def step_overdue(self, now: int) -> list[Fire]:
        """Return the fires of first prices after a silence whose candles have not come in time; `now` in ms."""
        overdue = [
            silence
            for silence in self._checks.silences
            if not silence.is_stepped and now - silence.first.published_at >= STEP_WAIT_MS
        ]
        return [fire for silence in overdue for fire in self._step_silence(silence)]

    def _find_beginning(self, tick: Tick) -> Tick | None:
        """Return since when candles must show what there was, as if the price had been that of `tick`.

        No price from before is known: since the first watch was made; or `tick` is a replay, and an earlier watcher
        has checked all but what is in its row. None if that is only just before.
        """
        oldest = tick.traded_at - MAX_LOOKBACK_MS
        if self._checks.known is None:
            times = [watch.since for watch in self._watches.values() if watch.condition not in CLOSES]
        else:
            times = [self._checks.unchecked_from or tick.traded_at]
        start = min((time for time in times if time > oldest), default=tick.traded_at)
        is_silence = tick.traded_at - start > self._checks.max_silence
        return Tick(tick.price, start, start) if is_silence else None

    def _begin_silence(self, previous: Tick, tick: Tick, *, is_first: bool) -> bool:
        """Return whether `tick` ends a silence in which a watch may have missed its target."""
        if len(self._watches) == sum(map(len, self._closes.values())):
            return False
        silence = self._checks.note_silence(previous, tick, is_first=is_first)
        if silence is None:
            return False
        self._arm_closes(tick)
        return True

    def _follow_minute(self, known: Tick, tick: Tick) -> None:
        """Let the candle of a minute be checked if price may have reached a target between two prices of it."""
        over = self._checks.follow_minute(known, tick)
        if over is not None and self._checks.max_silence < MAX_LOOKBACK_MS and self._has_target_near(over):
            self._checks.check_minute(over, tick)

    def _has_target_near(self, minute: PricedMinute) -> bool:
        near = self._find_between(minute.low * (1 - NEAR), minute.high * (1 + NEAR))
        return any(
            self._watches[each].condition not in CLOSES and not self._states[each].is_done for each in near
        )

    def _check_silence(self, candles: Sequence[Candle], until: int, close_before: float | None) -> list[Fire]:
        """`close_before`: of the candle before the first one, later than any price of ours before that."""
        silence = self._checks.silences[0]
        fires: list[Fire] = []
        for candle in candles:
            before = close_before
            if before is None:
                before = candle.open if candle.time < silence.known_at else silence.price
            fires += self._apply_candle(candle, before)
            close_before, silence.price = candle.close, candle.close
            silence.known_at = candle.time + MINUTE_MS - 1
        silence.checked_until = until
        if until >= silence.last_minute and not silence.is_stepped:
            fires += self._step_silence(silence)
        if silence.is_over:
            self._checks.silences.remove(silence)
        return fires

    def _apply_candle(self, candle: Candle, before: float) -> list[Fire]:
        low, high = min(before, candle.low), max(before, candle.high)
        fires: list[Fire] = []
        for watch_id in self._find_between(low, high):
            watch = self._watches[watch_id]
            start = self._find_start(watch, candle, before)
            if start is not None:
                end = candle.time + MINUTE_MS
                fires += self._set(watch_id, advance_touch(watch, self._states[watch_id], start, candle, end))
        return fires

    def _find_start(self, watch: Watch, candle: Candle, before: float) -> float | None:
        """Return the price from which `candle` counts for `watch`; None if it may show what was before the watch.

        In the minute a watch was made it counts from its baseline, if price had not been at the target by then.
        """
        if watch.since <= candle.time:
            return before
        baseline = self._baselines.get(watch.id)
        if baseline is None or baseline.time != candle.time:
            return None
        return None if baseline.low <= watch.high and watch.low <= baseline.high else baseline.close

    def _step_silence(self, silence: Silence) -> list[Fire]:
        silence.is_stepped = True
        return self._step(silence.price, silence.known_at, silence.first)

    def _step(self, price: float, known_at: int, tick: Tick) -> list[Fire]:
        """Return the fires of the step from a price before a silence or a restart."""
        fires: list[Fire] = []
        for watch_id in self._find_between(*sorted((price, tick.price))):
            watch, state = self._watches[watch_id], self._states[watch_id]
            fires += self._set(watch_id, step(watch, state, price, known_at, tick))
        return fires

    def _check_closes(self, check: CandleCheck, candles: Sequence[Candle], now: int) -> list[Fire]:
        timeframe = check.market.timeframe
        fires: list[Fire] = []
        for candle in candles:
            end = candle_end(candle.time, timeframe)
            for watch_id in sorted(self._closes.get(timeframe, ())):
                fires += self._set(
                    watch_id,
                    advance_close(
                        self._watches[watch_id],
                        self._states[watch_id],
                        candle,
                        end,
                        is_late=now - end > LATE_MS,
                    ),
                )
        for fire in fires:
            self._arm_again(fire.watch.id)
        self._checks.mark_closed(timeframe, check.until)
        return fires

    def _arm_again(self, watch_id: str) -> None:
        """Arm a close condition by a price since the candle that fired it."""
        state = self._states[watch_id]
        if state.away_at is not None and state.fired_at is not None and state.away_at > state.fired_at:
            self._states[watch_id] = replace(state, armed_at=state.away_at)
        self._arm(watch_id, self.previous)

    def _follow_closes(self, tick: Tick) -> None:
        for timeframe, watch_ids in self._closes.items():
            watches = [self._watches[each] for each in watch_ids]
            since = min(watch.since for watch in watches)
            self._checks.follow_closes(timeframe, watches[0].exchange, tick, since)

    def _set(self, watch_id: str, transition: Transition) -> Iterator[Fire]:
        self._states[watch_id], fire = transition
        if fire is not None:
            yield fire

    def _select_candidates(self, previous: Tick, tick: Tick) -> Sequence[str]:
        """Return the watches that the step may change: those with a target between the prices."""
        if previous.price == tick.price:
            return ()
        return self._find_between(*sorted((previous.price, tick.price)))

    def _find_between(self, low: float, high: float) -> Sequence[str]:
        first = bisect_left(self._targets, (low,))
        last = bisect_right(self._targets, (high, _AFTER_ANY_ID))
        return list(dict.fromkeys(watch_id for _, watch_id in self._targets[first:last]))

    def _advance(self, watch_id: str, previous: Tick | None, tick: Tick) -> Iterator[Fire]:
        yield from self._set(
            watch_id, advance(self._watches[watch_id], self._states[watch_id], previous, tick)
        )

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


def _triggers(watch: Watch) -> tuple[float, ...]:
    """Return the prices at which a step may change the watch, each once."""
    return (watch.low,) if watch.low == watch.high else (watch.low, watch.high)


def _is_late(previous: Tick | None, tick: Tick) -> bool:
    """Return whether `tick` was traded before `previous`, unless it was published so much later (`CLOCK_RESET_MS`)."""
    if previous is None or tick.traded_at >= previous.traded_at:
        return False
    return tick.published_at <= previous.published_at + CLOCK_RESET_MS


_AFTER_ANY_ID = "\x7f"
