"""The three outcomes, on futures drawn by hand around a level at 100 with an ATR of 2."""

import numpy as np
import pytest

from levels import Candles
from levels.evaluation.outcomes import FAILED, HELD, NO_OUTCOME, find_outcomes


def future(closes: list[float], wick: float = 0.1) -> Candles:
    close = np.array(closes)
    open_ = np.concatenate((close[:1], close[:-1]))
    high, low = np.maximum(open_, close) + wick, np.minimum(open_, close) - wick
    return Candles(np.arange(close.size) * 60_000, open_, high, low, close, np.ones(close.size))


def outcomes(closes: list[float], *, support: bool = True, horizon: int = 20) -> tuple[int, list[int]]:
    found = find_outcomes(future(closes), 1, np.array([100.0]), np.array([support]), 2.0, 1.0, horizon)
    return int(found.touch[0]), found.outcomes[0].tolist()


BOUNCE = [103, 102, 100.0, 101, 102.5, 103, 104, 104, 104]
BREAK = [103, 102, 100.0, 99, 97.5, 97, 96, 96, 96]


def test_outcomes_of_a_bounce_are_all_held() -> None:
    assert outcomes(BOUNCE) == (1, [HELD, HELD, HELD])


def test_outcomes_of_a_break_are_all_failed() -> None:
    assert outcomes(BREAK) == (1, [FAILED, FAILED, FAILED])


def test_outcomes_of_a_resistance_mirror_a_support() -> None:
    for closes in (BOUNCE, BREAK):
        mirrored = [200 - close for close in closes]
        assert outcomes(mirrored, support=False) == outcomes(closes)


def test_outcomes_without_a_touch_within_the_horizon_are_none() -> None:
    assert outcomes([103.0] * 30) == (-1, [NO_OUTCOME, NO_OUTCOME, NO_OUTCOME])
    assert outcomes([103.0] * 25 + [100.0, 98, 96, 95, 94, 93], horizon=20)[0] == -1


def test_outcome_race_assumes_the_worse_within_a_bar() -> None:
    wild = Candles([0, 1, 2], [103, 101, 100], [103, 101, 103], [102, 99.9, 97], [103, 100, 103], [1, 1, 1])
    found = find_outcomes(wild, 1, np.array([100.0]), np.array([True]), 2.0, 1.0, 5)
    assert found.outcomes[0, 0] == FAILED


@pytest.mark.parametrize("later", [99.0, 101.0])
def test_outcome_close_uses_only_the_fifth_candle_after_the_touch(later: float) -> None:
    closes = [102, 100.2, 98.9, 99.5, 100.5, 99.5, 100.4, later, 50]
    touch, found = outcomes(closes, horizon=20)
    assert touch == 1
    assert found[1] == (HELD if later > 100 else FAILED)
