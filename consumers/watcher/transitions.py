"""How a watch changes from price to price: armed, fired, cooling down, armed again, done. Pure.

The price before decides whether a watch is armed: it must have been away from the target, on the side from which the
condition looks. So a watch made on the wrong side does not fire at once, and one that fired waits until price has
been away again.

A close condition is armed by prices, and fired by the exchange's own candle (`candle_path.py`).

The same prices, replayed from any offset, lead to the same fires: a price no later than the last fire neither arms
nor fires, so a fire that was published is not published again as another arming.
"""

from dataclasses import replace
from typing import NamedTuple

from consumers.watcher.watch import Fire, Tick, Watch, WatchState
from schemas.watches import CLOSES


class Transition(NamedTuple):
    """The state after a price, and the fire it caused, if any."""

    state: WatchState
    fire: Fire | None = None


def advance(watch: Watch, state: WatchState, previous: Tick | None, tick: Tick) -> Transition:
    """Return the transition by `tick`, the first price after `previous`, whose effects `state` already includes."""
    if watch.condition in CLOSES:
        return _advance_close(watch, state, previous, tick)
    if previous is not None and is_crossing(previous.price, tick.price, watch):
        return _try_fire(watch, state, tick)
    return Transition(state)


def update_arming(watch: Watch, state: WatchState, tick: Tick) -> WatchState:
    """Return the state after `tick`: any price that is not beyond its target arms a close condition.

    Of the prices from before the watch was made only the last counts: each undoes the arming of the one before.
    """
    if watch.condition not in CLOSES or state.is_done or not state.is_after_last_fire(tick):
        return state
    if not is_beyond(tick.price, watch):
        return state if state.is_armed_at(tick.traded_at) else replace(state, armed_at=tick.traded_at)
    return replace(state, armed_at=None) if tick.published_at < watch.since else state


def is_crossing(previous: float, price: float, watch: Watch) -> bool:
    """Return whether the step to `price` reached or passed the target; never for a close condition.

    An approach is a touch of the nearer edge of a band about the target: it is armed while price is outside.
    """
    is_upward, is_downward = previous < watch.low <= price, previous > watch.high >= price
    match watch.condition:
        case "touch" | "approach":
            return is_upward or is_downward
        case "cross_up":
            return is_upward
        case "cross_down":
            return is_downward
        case "close_above" | "close_below":
            return False


def is_beyond(close: float, watch: Watch) -> bool:
    """Return whether a candle that closed at `close` fulfils a close condition."""
    match watch.condition:
        case "close_above":
            return close > watch.target
        case "close_below":
            return close < watch.target
        case "touch" | "approach" | "cross_up" | "cross_down":
            return False


def step(watch: Watch, state: WatchState, price: float, known_at: int, tick: Tick) -> Transition:
    """Return the transition from a `price` known at `known_at` (ms), after which prices were missing, to `tick`."""
    is_new = state.fired_at is None or state.fired_at <= known_at
    if is_new and is_crossing(price, tick.price, watch):
        return _try_fire(watch, state, tick)
    return Transition(state)


def _advance_close(watch: Watch, state: WatchState, previous: Tick | None, tick: Tick) -> Transition:
    """A price only arms a close condition: whether a candle closed beyond its target, the candle shows."""
    if previous is not None and not is_beyond(previous.price, watch):
        state = replace(state, away_at=previous.traded_at)
    return Transition(update_arming(watch, state, tick))


def _try_fire(watch: Watch, state: WatchState, tick: Tick) -> Transition:
    if not _may_fire(watch, state, tick) or _is_cooling_down(watch, state, tick):
        return Transition(state)
    arm = state.fires + 1
    fired = replace(state, fires=arm, fired_at=tick.traded_at, is_done=watch.once)
    return Transition(fired, Fire(watch, arm, tick))


def _may_fire(watch: Watch, state: WatchState, tick: Tick) -> bool:
    if state.is_done or tick.published_at < watch.since:
        return False
    if watch.expires_at is not None and tick.published_at >= watch.expires_at:
        return False
    return state.is_after_last_fire(tick)


def _is_cooling_down(watch: Watch, state: WatchState, tick: Tick) -> bool:
    return state.fired_at is not None and tick.traded_at < state.fired_at + watch.cooldown
