"""What a closed candle shows about a watch: that price reached its target, or closed beyond it. Pure.

A candle is the exchange's own record of a time from which no price, or not every price, is known. It fires nothing that
a price may have fired already: it counts only if all of it is later than the last fire.
"""

from dataclasses import replace

from consumers.watcher.transitions import Transition, is_beyond
from consumers.watcher.watch import Fire, Tick, Watch, WatchState
from exchanges.ports import Candle


def advance_touch(watch: Watch, state: WatchState, before: float, candle: Candle, end: int) -> Transition:
    """Return the transition of a touch or cross condition by a candle that ends at `end` (ms).

    `before`: the price just before the candle, or before the part of it that counts.
    """
    price = find_crossing(watch, before, candle)
    if price is None or not _may_fire(watch, state, candle.time, end):
        return Transition(state)
    return _fire(watch, state, Tick(price, candle.time, end), is_late=True)


def advance_close(watch: Watch, state: WatchState, candle: Candle, end: int, *, is_late: bool) -> Transition:
    """Return the transition of a close condition by a candle that ended at `end` (ms).

    The candle itself may arm it: price was not beyond the target before it closed beyond.
    """
    closed_at = end - 1
    if closed_at < watch.since:
        return Transition(state)
    if not state.is_armed_at(closed_at) and _arms(watch, state, candle):
        state = replace(state, armed_at=candle.time)
    if not state.is_armed_at(closed_at) or not is_beyond(candle.close, watch):
        return Transition(state)
    if not _may_fire(watch, state, closed_at, end):
        return Transition(state)
    return _fire(watch, state, Tick(candle.close, closed_at, end), is_late=is_late)


def find_crossing(watch: Watch, before: float, candle: Candle) -> float | None:
    """Return the price at which the candle reached or passed the target; None if it did not.

    A price that closed on the other side than its extreme has passed the target on its way back.
    """
    low, high, opened = watch.low, watch.high, candle.open
    is_upward = min(before, opened) < low <= candle.high or candle.low < low <= candle.close
    is_downward = max(before, opened) > high >= candle.low or candle.high > high >= candle.close
    jumps_up, jumps_down = before < low < opened, before > high > opened
    match watch.condition:
        case "touch" | "approach":
            is_met, has_jumped = is_upward or is_downward, jumps_up or jumps_down
        case "cross_up":
            is_met, has_jumped = is_upward, jumps_up
        case "cross_down":
            is_met, has_jumped = is_downward, jumps_down
        case "close_above" | "close_below":
            return None
    if not is_met:
        return None
    if has_jumped:
        return opened
    return low if is_upward else high


def _arms(watch: Watch, state: WatchState, candle: Candle) -> bool:
    is_new = candle.time >= watch.since and (state.fired_at is None or candle.time > state.fired_at)
    return is_new and not state.is_done and not is_beyond(_far_end(watch, candle), watch)


def _far_end(watch: Watch, candle: Candle) -> float:
    return candle.low if watch.condition == "close_above" else candle.high


def _may_fire(watch: Watch, state: WatchState, time: int, end: int) -> bool:
    if state.is_done or (watch.expires_at is not None and end > watch.expires_at):
        return False
    return state.fired_at is None or (time > state.fired_at and time >= state.fired_at + watch.cooldown)


def _fire(watch: Watch, state: WatchState, tick: Tick, *, is_late: bool) -> Transition:
    arm = state.fires + 1
    fired = replace(state, fires=arm, fired_at=tick.traded_at, is_done=watch.once)
    return Transition(fired, Fire(watch, arm, tick, is_late))
