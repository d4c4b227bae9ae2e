"""The plain algorithm does what is said of it: its flaws are what it is kept for."""

import numpy as np
from scipy.signal import argrelextrema

from levels import Params, analyze
from levels.evaluation.synthetic import walk

PLAIN = Params(method="reference")


def test_it_counts_a_bar_once_for_every_order_that_sees_it() -> None:
    series = walk(1)
    answer = analyze(series, Params(method="reference", tolerance=1e-9, max_ratio=1e6))
    for level in answer.levels:
        values, compare = (
            (series.low, np.less) if level.origin_side == "support" else (series.high, np.greater)
        )
        seen = [argrelextrema(values, compare, order=order)[0] for order in (5, 10, 20, 30)]
        assert level.touches == sum(int(np.isin(values[bars], level.price).sum()) for bars in seen)


def test_sides_are_right_all_the_same() -> None:
    answer = analyze(walk(2), PLAIN)
    assert answer.levels
    assert all((level.side == "support") == (level.price < answer.last_price) for level in answer.levels)


def test_it_is_told_apart_by_its_params_hash() -> None:
    assert analyze(walk(2), PLAIN).params_hash != analyze(walk(2)).params_hash
