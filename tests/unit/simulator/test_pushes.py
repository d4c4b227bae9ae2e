"""Prices set by hand: in the candle of their time, in every timeframe, and then over."""

import numpy as np
import pytest

from exchanges.bars import Bars
from simulator.pushes import HOLD_MS, Push, overlaid, price_now, pushed
from simulator.tape import Window
from simulator.timeline import HOUR

T0 = 1_700_006_400_000


def flat(n: int) -> Bars:
    tens = np.full(n, 10.0)
    return Bars(T0 + HOUR * np.arange(n), tens, tens + 1, tens - 1, tens, np.ones(n))


def at(time: int, price: float) -> list[Push]:
    return pushed([], time, price)


def test_it_is_the_last_price_for_a_minute() -> None:
    pushes = at(T0, 50.0)
    assert price_now(pushes, T0 - 1) is None
    assert price_now(pushes, T0 + HOLD_MS - 1) == 50.0
    assert price_now(pushes, T0 + HOLD_MS) is None


def test_the_next_one_ends_it() -> None:
    pushes = pushed(at(T0, 50.0), T0 + 5, 60.0)
    assert price_now(pushes, T0 + 4) == 50.0
    assert price_now(pushes, T0 + 5) == 60.0


@pytest.mark.parametrize(("price", "high", "low"), [(50.0, 50.0, 9.0), (2.0, 11.0, 2.0)])
def test_the_open_candle_goes_there(price: float, high: float, low: float) -> None:
    now = T0 + 2 * HOUR + 1_000
    bars = overlaid(flat(3), "1h", Window(now, 3), at(now, price), now)
    assert bars.close.tolist() == [10.0, 10.0, price]
    assert (bars.high[2], bars.low[2]) == (high, low)
    assert bars.high[:2].tolist() == [11.0, 11.0]


def test_after_the_minute_the_extreme_stays_and_the_close_does_not() -> None:
    pushed_at = T0 + 2 * HOUR
    now = pushed_at + HOLD_MS + 1
    bars = overlaid(flat(3), "1h", Window(now, 3), at(pushed_at, 50.0), now)
    assert (bars.high[2], bars.close[2]) == (50.0, 10.0)


def test_a_minute_that_spans_two_candles_is_in_both() -> None:
    pushed_at, now = T0 + HOUR - 1_000, T0 + HOUR + 500
    bars = overlaid(flat(2), "1h", Window(now, 2), at(pushed_at, 50.0), now)
    assert bars.close.tolist() == [50.0, 50.0]
    assert bars.open.tolist() == [10.0, 50.0]


def test_where_a_recording_has_ended_a_candle_is_added() -> None:
    now = T0 + 3 * HOUR + 10
    bars = overlaid(flat(3), "1h", Window(now, 3), at(now, 50.0), now)
    assert bars.time.tolist() == [T0 + HOUR, T0 + 2 * HOUR, T0 + 3 * HOUR]
    assert (bars.open[-1], bars.high[-1], bars.low[-1], bars.close[-1]) == (10.0, 50.0, 10.0, 50.0)


def test_a_window_that_ends_before_it_does_not_show_it() -> None:
    now = T0 + 3 * HOUR + 10
    bars = overlaid(flat(2), "1h", Window(T0 + HOUR, 2), at(now, 50.0), now)
    assert bars.close.tolist() == [10.0, 10.0]
