"""Figures of the benchmarks."""

import pytest

from benchmarks.figures import Round, compare_rates, time_round


def test_compare_rates_pairs_the_rounds_that_took_turns():
    ours = [Round(100, 1.0, 0.5), Round(100, 2.0, 0.5), Round(100, 1.0, 0.5)]
    baseline = [Round(200, 1.0, 1.0), Round(200, 2.0, 1.0), Round(200, 4.0, 1.0)]
    figure = compare_rates("a", "1/s", ours, baseline)
    assert figure.ratio == 0.5
    assert (figure.spread_low, figure.spread_high) == (0.5, 2.0)
    assert figure.value == 100
    assert figure.per_cpu_ratio == 1.0


def test_compare_rates_refuses_rounds_without_a_partner():
    with pytest.raises(ValueError, match="shorter"):
        compare_rates("a", "1/s", [Round(1, 1, 1)], [])


def test_time_round_measures_the_block():
    with time_round(3) as timed:
        sum(range(1000))
    assert timed.count == 3
    assert timed.seconds > 0
