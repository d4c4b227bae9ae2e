"""Pivots, against a plain oracle and against scipy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import argrelextrema

from levels.pivots import Pivots, find_pivots
from tests.support import naive

ORDERS = (5, 10, 20, 30)
few_values = st.lists(st.integers(1, 6), min_size=0, max_size=120)
many_values = st.lists(st.integers(1, 10_000), min_size=0, max_size=120)
some_orders = st.sets(st.integers(1, 12), min_size=1, max_size=4).map(lambda s: tuple(sorted(s)))


def bars(values: list[int]) -> tuple[np.ndarray, np.ndarray]:
    high = np.array(values, dtype=float)
    return high, high - np.array([v % 3 for v in values], dtype=float)


def named(mask: int, orders: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(order for k, order in enumerate(orders) if mask >> k & 1)


def as_naive(found: Pivots) -> list[naive.Pivot]:
    return [
        naive.Pivot(bar, is_high, price, named(sure, found.orders), named(unsure, found.orders))
        for bar, is_high, price, sure, unsure in zip(
            found.bar.tolist(),
            found.is_high.tolist(),
            found.price.tolist(),
            found.windows.tolist(),
            found.provisional.tolist(),
            strict=True,
        )
    ]


@given(few_values | many_values, some_orders, st.booleans())
def test_pivots_equal_the_naive_oracle(values: list[int], orders: tuple[int, ...], plateaus: bool) -> None:
    high, low = bars(values)
    found = find_pivots(high, low, orders, plateaus=plateaus)
    assert as_naive(found) == naive.pivots(high.tolist(), low.tolist(), orders, plateaus=plateaus)


@given(few_values | many_values)
def test_confirmed_pivots_equal_argrelextrema(values: list[int]) -> None:
    high, low = bars(values)
    found = find_pivots(high, low, ORDERS)
    for k, order in enumerate(ORDERS):
        seen = found.windows >> k & 1 == 1
        for is_high, series, compare_rates in ((True, high, np.greater), (False, low, np.less)):
            reference = (
                argrelextrema(series, compare_rates, order=order)[0] if series.size else np.array([], int)
            )
            inside = reference[(reference >= order) & (reference < high.size - order)]
            assert found.bar[seen & (found.is_high == is_high)].tolist() == inside.tolist()


@pytest.mark.parametrize("order", ORDERS)
def test_confirmed_pivots_of_a_random_walk_equal_argrelextrema(order: int) -> None:
    rng = np.random.default_rng(order)
    high = 100 + np.cumsum(rng.normal(size=5000))
    found = find_pivots(high, high - rng.random(5000), ORDERS)
    reference = argrelextrema(high, np.greater, order=order)[0]
    inside = reference[(reference >= order) & (reference < high.size - order)]
    seen = (found.windows >> ORDERS.index(order) & 1 == 1) & found.is_high
    assert found.bar[seen].tolist() == inside.tolist()


def test_pivot_of_a_bar_lists_all_its_windows() -> None:
    high = np.concatenate((np.arange(40.0), [99.0], np.arange(40.0)[::-1])) + 1
    found = find_pivots(high, high - 0.5, ORDERS)
    peak = (found.bar == 40) & found.is_high
    assert found.windows[peak].tolist() == [0b1111]
    assert found.provisional[peak].tolist() == [0]


def test_pivot_near_the_end_is_provisional_where_bars_are_missing() -> None:
    high = np.concatenate((np.arange(100.0), np.arange(100.0)[::-1][1:13])) + 1
    peak = np.flatnonzero(find_pivots(high, high - 0.5, ORDERS).is_high)
    found = find_pivots(high, high - 0.5, ORDERS)
    assert found.bar[peak].tolist() == [99]
    assert (found.windows[peak[0]], found.provisional[peak[0]]) == (0b0011, 0b1100)


@pytest.mark.parametrize(("plateaus", "expected"), [(False, []), (True, [6])])
def test_pivot_of_a_plateau_is_its_first_bar(plateaus: bool, expected: list[int]) -> None:
    high = np.array([1, 2, 3, 4, 5, 6, 9, 9, 9, 6, 5, 4, 3, 2, 1], dtype=float)
    found = find_pivots(high, np.full(15, 0.5), (5,), plateaus=plateaus)
    assert found.bar[found.is_high & (found.windows > 0)].tolist() == expected
