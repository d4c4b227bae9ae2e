"""Levels as they were known equal those of a fresh analysis of the candles until then, to the last bit."""

import os
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from levels import Candles, Params, TooFewCandles, analyze
from levels.evaluation.synthetic import make_planted_market, make_random_walk
from levels.pivots import find_pivots
from levels.replay.closes import WINDOW, replay
from levels.replay.sliding_pivots import SlidingPivots
from tests.unit.levels.strategies import candles as drawn_candles
from tests.unit.levels.test_golden import coarse

FOLDER = os.environ.get("STRANDLINE_TEST_DATA")
HISTORY = 64
SMALL = Params(windows=(2, 4, 9), atr_window=5, volume_window=10, anchor_order=4)
VARIANTS = (
    SMALL,
    Params(windows=(5, 10), plateaus=False, volume_window=20),
    Params(windows=(1, 3), tolerance_atr=None, tolerance=0.02, method="p_hold"),
    Params(windows=(3,), leave_atr=3.0, separation_atr=0.0, minor_separation_atr=0.0, max_hole=10),
    Params(method="reference"),
)


def analyze_prefix(candles: Candles, stop: int, params: Params, window: int) -> object:
    try:
        return analyze(candles[max(0, stop - window) : stop], params).levels
    except TooFewCandles:
        return ()


@given(
    candles=drawn_candles(least=3 * HISTORY, most=3 * HISTORY + 60),
    params=st.sampled_from(VARIANTS),
    extra=st.integers(0, 20),
)
@settings(max_examples=30, deadline=None)
def test_replay_equals_a_fresh_analysis_of_each_prefix(candles: Candles, params: Params, extra: int) -> None:
    window = 3 * HISTORY + extra
    for number, close in enumerate(replay(candles, params, window=window)):
        assert close.levels == analyze_prefix(candles, number + 1, params, window)
        assert close.candle_at == candles.time[number]


@pytest.mark.parametrize("number", range(4))
def test_replay_equals_a_fresh_analysis_of_default_windows(number: int) -> None:
    series = [make_planted_market(3).candles, make_random_walk(8), coarse(), make_random_walk(9)][number]
    window = 700
    closes = list(replay(series, window=window))
    picks = random.Random(number).sample(range(len(series)), 120)
    assert any(closes[pick].levels for pick in picks)
    for pick in picks:
        assert closes[pick].levels == analyze_prefix(series, pick + 1, Params(), window)


@given(candles=drawn_candles(least=60, most=160), plateaus=st.booleans(), data=st.data())
@settings(max_examples=100, deadline=None)
def test_sliding_pivots_equal_those_of_the_window(
    candles: Candles, plateaus: bool, data: st.DataObject
) -> None:
    orders = (2, 5, 9)
    start = data.draw(st.integers(0, len(candles) - 40))
    stop = data.draw(st.integers(start + 40, len(candles)))
    cut = SlidingPivots(candles, orders, plateaus=plateaus).cut(start, stop)
    alone = find_pivots(candles.high[start:stop], candles.low[start:stop], orders, plateaus=plateaus)
    for name in ("bar", "is_high", "price", "windows"):
        np.testing.assert_array_equal(getattr(cut, name), getattr(alone, name))


def test_replay_starts_where_it_is_asked_to() -> None:
    series = make_random_walk(4)
    whole = list(replay(series, window=400))
    assert list(replay(series, window=400, start=len(series) - 5)) == whole[-5:]


def test_replay_of_few_candles_has_no_levels() -> None:
    assert [close.levels for close in replay(make_random_walk(1)[:8])] == [()] * 8


@pytest.mark.skipif(not FOLDER, reason="STRANDLINE_TEST_DATA names no folder of recorded candles")
@pytest.mark.parametrize("name", ["binance_DOGEUSDT_1h", "binance_LUNAUSDT_1h", "binance_USDCUSDT_1h"])
def test_1000_rows_of_recorded_markets_equal_a_fresh_analysis(name: str) -> None:
    rows = np.loadtxt(Path(FOLDER or "") / f"{name}.csv", delimiter=",", skiprows=1)
    series = Candles(*rows.T)
    picks = random.Random(name).sample(range(len(series)), 334)
    closes = list(replay(series))
    for pick in picks:
        assert closes[pick].levels == analyze_prefix(series, pick + 1, Params(), WINDOW)
