"""What a closed candle shows about touch, cross and close conditions."""

from dataclasses import replace

import pytest

from consumers.watcher.candle_path import advance_close, advance_touch, find_crossing
from consumers.watcher.transitions import update_arming
from consumers.watcher.watch import Tick, WatchState
from exchanges.ports import Candle
from tests.support.watching import MINUTE, NOON_MS, a_watch

END = NOON_MS + MINUTE


def candle(opened: float, high: float, low: float, close: float, *, at: int = NOON_MS) -> Candle:
    return Candle(at, opened, high, low, close, 1.0)


@pytest.mark.parametrize(
    ("before", "bar", "touch", "up", "down"),
    [
        (90, candle(90, 99, 85, 95), None, None, None),
        (90, candle(90, 100, 85, 95), 100, 100, None),
        (90, candle(90, 120, 85, 95), 100, 100, 100),  # up and back
        (90, candle(110, 120, 105, 115), 110, 110, None),  # opened beyond: never traded at the target
        (90, candle(110, 120, 85, 105), 110, 110, 100),  # opened beyond, down and back
        (110, candle(110, 120, 100, 115), 100, None, 100),
        (110, candle(110, 120, 80, 115), 100, 100, 100),  # down and back
        (110, candle(95, 98, 80, 90), 95, None, 95),
        (100, candle(100, 120, 100, 110), None, None, None),  # it never left the target on the other side
        (100, candle(100, 120, 90, 110), 100, 100, None),
    ],
)
def test_candle_shows_crossing_from_the_price_before(
    before: float, bar: Candle, touch: float | None, up: float | None, down: float | None
) -> None:
    found = [find_crossing(a_watch(each), before, bar) for each in ("touch", "cross_up", "cross_down")]
    assert found == [touch, up, down]
    assert find_crossing(a_watch("close_above"), before, bar) is None


def test_candle_fires_touch_late_at_its_minute() -> None:
    state, fire = advance_touch(a_watch(), WatchState(), 90, candle(90, 120, 85, 95), END)
    assert fire is not None
    assert (fire.arm, fire.tick.traded_at, fire.tick.price, fire.is_late) == (1, NOON_MS, 100, True)
    assert (state.is_done, state.fired_at) == (True, NOON_MS)


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({}, WatchState(1, NOON_MS - MINUTE, is_done=True)),
        ({"once": False}, WatchState(1, NOON_MS)),  # that fire may be the same crossing
        ({"once": False}, WatchState(1, NOON_MS + 30_000)),
        ({"once": False, "cooldown": 2 * MINUTE}, WatchState(1, NOON_MS - MINUTE)),
        ({"expires_at": END - 1}, WatchState()),
    ],
)
def test_candle_fires_nothing_that_was_fired_or_had_ended(fields: dict[str, int], state: WatchState) -> None:
    after, fire = advance_touch(a_watch(**fields), state, 90, candle(90, 120, 85, 95), END)
    assert (after, fire) == (state, None)


@pytest.mark.parametrize(
    ("condition", "close", "fires"),
    [("close_above", 101, True), ("close_above", 100, False), ("close_below", 99, True)],
)
def test_candle_fires_armed_close_by_its_own_close(condition: str, close: float, fires: bool) -> None:
    armed = WatchState(armed_at=NOON_MS - 1)
    bar = candle(close, 101, 99, close)
    state, fire = advance_close(a_watch(condition), armed, bar, END, is_late=False)
    assert (fire is not None) is fires
    if fire:
        assert (fire.tick.price, fire.tick.traded_at, fire.is_late) == (close, END - 1, False)
        assert state.fired_at == END - 1


def test_candle_arms_close_by_price_within_it() -> None:
    watch = a_watch("close_below", since=NOON_MS)
    never_above, came_from_above = candle(95, 99, 90, 95), candle(95, 101, 90, 95)
    for bar, arms in ((never_above, 0), (came_from_above, 1)):
        state, _ = advance_close(watch, WatchState(), bar, END, is_late=False)
        assert state.fires == arms
    # What a candle shows from before the watch arms nothing.
    late = replace(watch, since=NOON_MS + 1)
    assert advance_close(late, WatchState(), came_from_above, END, is_late=False).state.fires == 0


def test_close_from_before_the_watch_fires_nothing() -> None:
    watch = a_watch("close_above", since=NOON_MS + 3 * MINUTE)
    state = update_arming(watch, WatchState(), Tick(95.0, NOON_MS, NOON_MS))
    before, after = (Candle(NOON_MS + n * MINUTE, 95.0, 106.0, 94.0, 105.0, 1.0) for n in (0, 3))
    assert advance_close(watch, state, before, NOON_MS + MINUTE, is_late=True).fire is None
    assert advance_close(watch, state, after, NOON_MS + 4 * MINUTE, is_late=False).fire is not None
