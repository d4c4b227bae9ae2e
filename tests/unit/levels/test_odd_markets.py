"""Markets that break naive code: levels that make sense or none with a reason, never an error or an absurd level."""

import os
from pathlib import Path

import numpy as np
import pytest

from levels import Candles, Params, analyze
from levels.evaluation.synthetic import make_random_walk
from strandline.levels.candle_file import read_candles
from tests.unit.levels.strategies import HOUR
from tests.unit.levels.test_analysis import assert_sound

FOLDER = os.environ.get("STRANDLINE_TEST_DATA")
RECORDED = sorted(Path(FOLDER).glob("*.csv")) if FOLDER else []


def series(close: np.ndarray, spread: float, volume: float = 1.0) -> Candles:
    open_ = np.concatenate((close[:1], close[:-1]))
    high, low = np.maximum(open_, close) * (1 + spread), np.minimum(open_, close) / (1 + spread)
    return Candles(np.arange(close.size) * HOUR, open_, high, low, close, np.full(close.size, volume))


def test_stablecoin_is_one_zone_with_near_levels() -> None:
    rng = np.random.default_rng(1)
    answer = analyze(series(1 + 1e-4 * rng.integers(-5, 6, 2000), 1e-4))
    assert_sound(answer, Params())
    assert all(level.distance_pct < 1 for level in answer.levels)
    assert len(answer.levels) <= 2


def test_coarse_tick_of_one_percent_has_levels() -> None:
    rng = np.random.default_rng(2)
    close = np.maximum(np.cumsum(rng.integers(-1, 2, 2000)) + 100, 60) * 1e-8
    assert_sound(analyze(series(close, 0.0)), Params())


def test_outlier_bar_of_2400_percent_makes_no_far_level() -> None:
    calm = make_random_walk(3, 1000)
    high = calm.high.copy()
    high[500] *= 25
    answer = analyze(Candles(calm.time, calm.open, high, calm.low, calm.close, calm.volume))
    assert_sound(answer, Params())
    assert answer.levels
    assert all(0.5 <= level.price / answer.last_price <= 2 for level in answer.levels)


@pytest.mark.parametrize(("least", "most"), [(1e-30, 1e-29), (1e29, 1e30), (1e-30, 1e30)])
@pytest.mark.parametrize("volume", [0.0, 5e-324, 1e60])
def test_extreme_prices_and_volumes_give_finite_levels(least: float, most: float, volume: float) -> None:
    rng = np.random.default_rng(3)
    close = np.exp(rng.uniform(np.log(least * 1.1), np.log(most / 1.1), 300))
    candles = series(close, 0.05, volume)
    assert_sound(analyze(candles), Params())
    plain = analyze(candles, Params(method="reference"))
    assert bool(plain.levels) == (plain.reason is None)


def test_collapse_leaves_the_nearest_level_above_however_far() -> None:
    rng = np.random.default_rng(5)
    before = 100 + 5 * np.sin(np.arange(300) / 9) + rng.normal(0, 0.5, 300)
    after = 1 + 0.05 * np.sin(np.arange(300) / 9) + rng.normal(0, 0.01, 300)
    answer = analyze(series(np.concatenate([before, after[:12]]), 0.005))
    (resistance,) = [level for level in answer.levels if level.side == "resistance"]
    assert resistance.price > 50
    assert resistance.p_reach_100 < 0.05


@pytest.mark.skipif(not RECORDED, reason="STRANDLINE_TEST_DATA names no folder of recorded candles")
@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_recorded_markets_have_consistent_levels(path: Path) -> None:
    candles = read_candles(path, leave_out_last=True)
    size = min(2000, len(candles))
    for end in np.linspace(size, len(candles), 25).astype(int).tolist():
        answer = analyze(candles[end - size : end])
        assert_sound(answer, Params())
        for side in ("support", "resistance"):
            prices = [level.price for level in answer.levels if level.side == side]
            assert len(prices) == 1 or all(0.5 <= price / answer.last_price <= 2 for price in prices)
        assert all(level.first_touch_at >= candles.time[end - size] for level in answer.levels)
