"""Measuring p_reach: calibrated on walks that it was not measured on, and honest figures where it is wrong."""

import numpy as np
import pytest

from levels import Params
from levels.evaluation.reach import (
    calibrate,
    find_excursions,
    fit_table,
    leave_one_out,
    split_at,
    try_later_years,
    try_random_prices,
)
from levels.evaluation.synthetic import make_random_walk
from levels.evaluation.usefulness import HORIZONS, Usefulness, measure_usefulness
from levels.reach import REACH_100

WALKS = {f"walk-{seed}": make_random_walk(seed, 4000, volatility=0.002 * (seed + 1)) for seed in range(4)}
EXCURSIONS = {name: find_excursions(walk, Params(), HORIZONS) for name, walk in WALKS.items()}


@pytest.mark.parametrize("candles", HORIZONS)
def test_reach_is_calibrated_on_a_walk_left_out_whatever_its_volatility(candles: int) -> None:
    for predicted, reached in leave_one_out(EXCURSIONS, candles, 0.5).values():
        found = calibrate(predicted, reached)
        assert found.error < 0.05
        assert found.skill > 0.25
        assert found.auc > 0.75


def test_excursions_are_those_of_the_candles_after_a_moment() -> None:
    walk, found = WALKS["walk-1"], EXCURSIONS["walk-1"]
    moment = int(np.searchsorted(walk.time, found.time[7]))
    ahead = walk[moment + 1 : moment + 25]
    assert found.up[24][7] == pytest.approx(max(ahead.high.max() / walk.close[moment], 1) - 1)
    assert found.down[24][7] == pytest.approx(max(walk.close[moment] / ahead.low.min(), 1) - 1)


def test_table_of_one_series_says_what_share_of_its_excursions_is_larger() -> None:
    one = EXCURSIONS["walk-2"]
    table = fit_table([one], 100, 0.5)
    scaled = np.concatenate((one.up[100], one.down[100])) / np.tile(one.units(table), 2)
    for z, p in zip(table.z[1:], table.p[1:], strict=True):
        assert (scaled >= z).mean() == pytest.approx(p, abs=0.01)


def test_later_years_are_predicted_from_the_earlier_ones() -> None:
    found = calibrate(*try_later_years(EXCURSIONS, 100, 0.5))
    assert found.error < 0.05
    early, late = split_at(EXCURSIONS["walk-0"], int(EXCURSIONS["walk-0"].time[50]))
    assert (len(early), len(early) + len(late)) == (50, len(EXCURSIONS["walk-0"]))


def test_calibration_sees_a_prediction_that_is_wrong() -> None:
    predicted, reached = try_random_prices(EXCURSIONS["walk-0"], REACH_100)
    wrong = calibrate(predicted / 2, reached)
    assert wrong.error > 0.1
    assert wrong.bias < -0.1
    assert np.isnan(calibrate(np.zeros(0), np.zeros(0, dtype=bool)).error)


def test_usefulness_counts_levels_and_sides() -> None:
    used, levels = measure_usefulness(WALKS["walk-3"], Params(), window=1000, moments=20)
    assert used.sides == 40
    assert used.empty <= used.far <= used.sides
    assert used.touched == int(levels.reached[100].sum())
    assert used.levels == levels.predicted[24].size
    assert used + used == Usefulness(
        *(2 * n for n in (used.levels, used.touched, used.sides, used.far, used.empty))
    )


def test_reach_of_a_series_without_others_is_tried_with_the_shipped_table() -> None:
    (tried,) = leave_one_out({"walk-1": EXCURSIONS["walk-1"]}, 100, 0.3).values()
    assert calibrate(*tried).error < 0.1
    assert calibrate(*try_later_years({}, 24, 0.5)).n == 0


def test_usefulness_of_a_short_series_is_nothing() -> None:
    used, levels = measure_usefulness(WALKS["walk-0"][:500], Params())
    assert (used.levels, levels.predicted[100].size) == (0, 0)
