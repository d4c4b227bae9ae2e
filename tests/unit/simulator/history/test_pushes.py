"""Prices set by hand: in the candle of their time, in every timeframe, and then over."""

import numpy as np
import pytest

from exchanges.bars import Bars
from simulator.history.pushes import HOLD_MS, Push, add_push, apply_pushes, price_now
from simulator.history.tape import Window
from simulator.history.timeline import HOUR

T0 = 1_700_006_400_000


def flat(n: int) -> Bars:
    tens = np.full(n, 10.0)
    return Bars(T0 + HOUR * np.arange(n), tens, tens + 1, tens - 1, tens, np.ones(n))


def at(time: int, price: float) -> list[Push]:
    return add_push([], time, price)


def test_push_is_the_last_price_for_a_minute() -> None:
    pushes = at(T0, 50.0)
    assert price_now(pushes, T0 - 1) is None
    assert price_now(pushes, T0 + HOLD_MS - 1) == 50.0
    assert price_now(pushes, T0 + HOLD_MS) is None


def test_push_ends_the_previous_one() -> None:
    pushes = add_push(at(T0, 50.0), T0 + 5, 60.0)
    assert price_now(pushes, T0 + 4) == 50.0
    assert price_now(pushes, T0 + 5) == 60.0


@pytest.mark.parametrize(("price", "high", "low"), [(50.0, 50.0, 9.0), (2.0, 11.0, 2.0)])
def test_push_moves_the_open_candle(price: float, high: float, low: float) -> None:
    now = T0 + 2 * HOUR + 1_000
    bars = apply_pushes(flat(3), "1h", Window(now, 3), at(now, price), now)
    assert bars.close.tolist() == [10.0, 10.0, price]
    assert (bars.high[2], bars.low[2]) == (high, low)
    assert bars.high[:2].tolist() == [11.0, 11.0]


def test_push_leaves_its_extreme_after_a_minute() -> None:
    pushed_at = T0 + 2 * HOUR
    now = pushed_at + HOLD_MS + 1
    bars = apply_pushes(flat(3), "1h", Window(now, 3), at(pushed_at, 50.0), now)
    assert (bars.high[2], bars.close[2]) == (50.0, 10.0)


def test_push_shows_in_both_candles_it_spans() -> None:
    pushed_at, now = T0 + HOUR - 1_000, T0 + HOUR + 500
    bars = apply_pushes(flat(2), "1h", Window(now, 2), at(pushed_at, 50.0), now)
    assert bars.close.tolist() == [50.0, 50.0]
    assert bars.open.tolist() == [10.0, 50.0]


def test_push_adds_a_candle_after_the_recording() -> None:
    now = T0 + 3 * HOUR + 10
    bars = apply_pushes(flat(3), "1h", Window(now, 3), at(now, 50.0), now)
    assert bars.time.tolist() == [T0 + HOUR, T0 + 2 * HOUR, T0 + 3 * HOUR]
    assert (bars.open[-1], bars.high[-1], bars.low[-1], bars.close[-1]) == (10.0, 50.0, 10.0, 50.0)


def test_push_is_absent_from_earlier_windows() -> None:
    now = T0 + 3 * HOUR + 10
    bars = apply_pushes(flat(2), "1h", Window(T0 + HOUR, 2), at(now, 50.0), now)
    assert bars.close.tolist() == [10.0, 10.0]
