"""Bars: what is read of an answer, and what is left of it."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchanges.bars import Bars, clean_bars
from levels import Candles
from runtime.errors import Transient

anything = st.one_of(st.none(), st.floats(), st.floats(0, 1e5), st.integers(0, 5), st.just(math.nan))
rows = st.lists(st.lists(anything, min_size=6, max_size=6), max_size=12)


@given(rows)
def test_clean_bars_are_valid_candles(found: list[list[Any]]) -> None:
    tidy = clean_bars(Bars.from_rows(found))
    candles = Candles(
        time=tidy.time, open=tidy.open, high=tidy.high, low=tidy.low, close=tidy.close, volume=tidy.volume
    )
    assert len(candles) == len(tidy) <= len(found)


@given(st.lists(st.tuples(st.integers(1, 8), st.floats(1, 9)), max_size=20))
def test_clean_bars_keep_the_later_of_two_rows(pairs: list[tuple[int, float]]) -> None:
    tidy = clean_bars(Bars.from_rows([[time, price, price, price, price, 1] for time, price in pairs]))
    assert dict(zip(tidy.time.tolist(), tidy.close.tolist(), strict=True)) == dict(pairs)
    assert np.all(np.diff(tidy.time) > 0)


@pytest.mark.parametrize(
    "answer", ["<html>", None, {"code": -1}, [1, 2], [[1, 2]], [{"a": 1}], [[1, 2, 3, 4, 5, "x"]], ["abcdef"]]
)
def test_bars_from_other_data_are_transient(answer: object) -> None:
    with pytest.raises(Transient):
        Bars.from_rows(answer)


def test_bars_may_be_empty() -> None:
    assert len(clean_bars(Bars.from_rows([]))) == 0
    assert len(Bars.concat([])) == 0
