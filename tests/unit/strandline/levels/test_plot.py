"""What a picture of levels shows of the candles, and where its labels stand."""

import numpy as np
import pytest

from levels import analyze
from levels.evaluation.synthetic import make_planted_market
from strandline.levels.plot import LINE, MIN_CANDLES, crop_history, spread_heights


def test_crop_history_begins_before_the_first_touch_of_a_level() -> None:
    candles = make_planted_market(1).candles
    levels = analyze(candles).levels
    shown = crop_history(candles, levels)
    assert shown.time[0] <= min(level.first_touch_at for level in levels)
    assert shown.time[-1] == candles.time[-1]
    assert len(shown) >= MIN_CANDLES


def test_crop_history_keeps_every_candle_without_levels() -> None:
    candles = make_planted_market(1).candles
    assert crop_history(candles, ()) is candles


@pytest.mark.parametrize("heights", [[], [0.5], [0.1, 0.5, 0.9], [0.97, 0.98, 0.99, 1.0], [0.3] * 10])
def test_spread_heights_are_a_line_apart_and_below_the_top(heights: list[float]) -> None:
    spread = spread_heights(heights)
    assert len(spread) == len(heights)
    assert all(np.diff(spread) >= LINE - 1e-9)
    assert all(height <= 1.0 for height in spread)
    if heights == [0.1, 0.5, 0.9]:
        assert spread == heights
