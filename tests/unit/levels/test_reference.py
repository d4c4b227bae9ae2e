"""The reference algorithm keeps its known flaws, which it is compared for."""

import numpy as np
from scipy.signal import argrelextrema

from levels import Params, analyze
from levels.evaluation.synthetic import make_random_walk

PLAIN = Params(method="reference")


def test_reference_counts_a_bar_once_per_order() -> None:
    series = make_random_walk(1)
    answer = analyze(series, Params(method="reference", tolerance=1e-9, max_ratio=1e6))
    for level in answer.levels:
        values, compare_rates = (
            (series.low, np.less) if level.origin_side == "support" else (series.high, np.greater)
        )
        seen = [argrelextrema(values, compare_rates, order=order)[0] for order in (5, 10, 20, 30)]
        assert level.touches == sum(int(np.isin(values[bars], level.price).sum()) for bars in seen)


def test_reference_puts_levels_on_the_right_side() -> None:
    answer = analyze(make_random_walk(2), PLAIN)
    assert answer.levels
    assert all((level.side == "support") == (level.price < answer.last_price) for level in answer.levels)


def test_reference_has_its_own_params_hash() -> None:
    assert analyze(make_random_walk(2), PLAIN).params_hash != analyze(make_random_walk(2)).params_hash
