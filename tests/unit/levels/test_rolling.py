"""Windows by doubling equal windows bar by bar."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from levels.rolling import mean_in_order, rolling_max, trailing_mean

values = st.lists(st.integers(-50, 50).map(float), min_size=1, max_size=60).map(np.array)


@given(values, st.integers(1, 80))
def test_trailing_mean_equals_the_plain_mean(series: np.ndarray, window: int) -> None:
    expected = [series[max(0, i + 1 - window) : i + 1].mean() for i in range(series.size)]
    assert np.allclose(trailing_mean(series, window), expected)


@given(values, st.data())
def test_rolling_max_builds_on_a_smaller_window(series: np.ndarray, data: st.DataObject) -> None:
    window = data.draw(st.integers(1, series.size))
    of = data.draw(st.integers(1, window))
    expected = [series[i : i + window].max() for i in range(series.size - window + 1)]
    assert rolling_max(series, window).tolist() == expected
    assert rolling_max(series, window, rolling_max(series, of), of).tolist() == expected


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 2000])
def test_mean_in_order_is_the_mean(size: int) -> None:
    values = np.random.default_rng(1).random(size)
    assert mean_in_order(values) == pytest.approx(values.mean() if size else 0.0, rel=1e-14)
