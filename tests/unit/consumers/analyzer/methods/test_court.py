"""The court: its own methods return levels, and a method that knows nothing gets no credit."""

import numpy as np
import pytest

from benchmarks.court import methods as court
from benchmarks.court.measure import Tally, try_method
from consumers.analyzer.methods.analysis import to_analysis
from consumers.analyzer.methods.process import MethodProcess
from consumers.analyzer.methods.worker import _to_numbers
from levels import Candles, Params
from levels.evaluation.synthetic import make_planted_market, make_random_walk
from levels.evaluation.walk_forward import WalkSettings

BUILT_IN = ("ours", "reference", "classic_pivots", "previous_extremes", "volume_nodes", "round_numbers")
WITHOUT_PACKAGES = (*BUILT_IN, "swing_extremes", "moving_averages")


@pytest.mark.parametrize("name", WITHOUT_PACKAGES)
@pytest.mark.parametrize("candles", [make_random_walk(1, 800), make_planted_market(1, 800).candles])
def test_court_method_returns_levels(name: str, candles: Candles) -> None:
    rows = _to_numbers(getattr(court, name)(candles))
    assert to_analysis(name, rows, candles, Params()).levels


def test_court_compares_a_method_with_random_prices() -> None:
    series = {f"walk-{seed}": make_random_walk(seed, 2500) for seed in range(2)}
    process = MethodProcess("benchmarks.court.methods:round_numbers")
    try:
        verdict = try_method("round numbers", process, series, WalkSettings(window=500), 15)
    finally:
        process.close()
    assert verdict.failed == 0
    assert verdict.held.low < 0 < verdict.held.high
    assert verdict.touched.low <= verdict.touched.value <= verdict.touched.high
    assert verdict.touched.value == pytest.approx(verdict.reach, abs=0.15)


def test_court_counts_calls_that_fail() -> None:
    process = MethodProcess("tests.unit.methods.bad_methods:raises")
    try:
        verdict = try_method(
            "raises", process, {"walk": make_random_walk(1, 1500)}, WalkSettings(window=500), 3
        )
    finally:
        process.close()
    assert verdict.failed == 3
    assert np.isnan(verdict.touched.value)


def test_share_has_an_interval_over_blocks() -> None:
    tally = Tally()
    for block in range(20):
        tally.add(block % 2, 1, ("series", block))
    share = tally.share()
    assert share.value == 0.5
    assert 0.2 < share.low < 0.5 < share.high < 0.8
