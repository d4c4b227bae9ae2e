"""The three outcomes, on futures drawn by hand around a level at 100 with an ATR of 2."""

import numpy as np
import pytest

from levels import Candles
from levels.evaluation.outcomes import FELL, HELD, NEVER, fates


def future(closes: list[float], wick: float = 0.1) -> Candles:
    close = np.array(closes)
    open_ = np.concatenate((close[:1], close[:-1]))
    high, low = np.maximum(open_, close) + wick, np.minimum(open_, close) - wick
    return Candles(np.arange(close.size) * 60_000, open_, high, low, close, np.ones(close.size))


def outcomes(closes: list[float], *, support: bool = True, horizon: int = 20) -> tuple[int, list[int]]:
    fate = fates(future(closes), 1, np.array([100.0]), np.array([support]), 2.0, 1.0, horizon)
    return int(fate.touch[0]), fate.outcomes[0].tolist()


BOUNCE = [103, 102, 100.0, 101, 102.5, 103, 104, 104, 104]
BREAK = [103, 102, 100.0, 99, 97.5, 97, 96, 96, 96]


def test_a_bounce_holds_by_every_outcome() -> None:
    assert outcomes(BOUNCE) == (1, [HELD, HELD, HELD])


def test_a_break_falls_by_every_outcome() -> None:
    assert outcomes(BREAK) == (1, [FELL, FELL, FELL])


def test_a_resistance_is_a_support_upside_down() -> None:
    for closes in (BOUNCE, BREAK):
        mirrored = [200 - close for close in closes]
        assert outcomes(mirrored, support=False) == outcomes(closes)


def test_no_touch_within_the_horizon_is_no_outcome() -> None:
    assert outcomes([103.0] * 30) == (-1, [NEVER, NEVER, NEVER])
    assert outcomes([103.0] * 25 + [100.0, 98, 96, 95, 94, 93], horizon=20)[0] == -1


def test_a_bar_that_does_both_is_taken_for_the_worse() -> None:
    wild = Candles([0, 1, 2], [103, 101, 100], [103, 101, 103], [102, 99.9, 97], [103, 100, 103], [1, 1, 1])
    fate = fates(wild, 1, np.array([100.0]), np.array([True]), 2.0, 1.0, 5)
    assert fate.outcomes[0, 0] == FELL


@pytest.mark.parametrize("later", [99.0, 101.0])
def test_close_looks_at_the_fifth_candle_after_the_touch_alone(later: float) -> None:
    closes = [102, 100.2, 98.9, 99.5, 100.5, 99.5, 100.4, later, 50]
    touch, found = outcomes(closes, horizon=20)
    assert touch == 1
    assert found[1] == (HELD if later > 100 else FELL)
