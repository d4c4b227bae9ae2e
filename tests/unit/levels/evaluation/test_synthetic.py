"""Planted levels are found; the figures of docs/levels.md hold."""

import numpy as np
import pytest

from levels import analyze
from levels.analysis import summarize_series
from levels.evaluation.synthetic import make_planted_market, make_random_walk
from levels.params import Params

NEAR = 1.005
BY_SCORE = Params(reach_floor=1000)
"""So large that the probability of being reached hardly counts."""


def is_near(price: float, others: np.ndarray) -> bool:
    return bool(others.size and np.maximum(others / price, price / others).min() <= NEAR)


@pytest.mark.parametrize("noise", [0.3, 0.5, 0.8])
def test_analyze_finds_planted_levels_with_recall_and_precision(noise: float) -> None:
    hits = wanted = right = reported = 0
    for seed in range(30):
        market = make_planted_market(seed, noise=noise)
        prices = np.array([level.price for level in analyze(market.candles, BY_SCORE).levels])
        often = market.levels[market.arrivals >= 2]
        hits += sum(is_near(price, prices) for price in often.tolist())
        wanted += often.size
        right += sum(is_near(price, market.levels) for price in prices.tolist())
        reported += prices.size
    assert hits / wanted >= 0.75
    assert right / reported >= 0.6


def test_zones_cover_every_planted_level() -> None:
    for seed in range(10):
        market = make_planted_market(seed)
        zones = summarize_series(market.candles, Params()).zones.price
        assert all(is_near(price, zones) for price in market.levels[market.arrivals >= 2].tolist())


def test_synthetic_market_is_fixed_by_its_seed() -> None:
    assert (
        make_planted_market(3).candles.digest()
        == make_planted_market(3).candles.digest()
        != make_planted_market(4).candles.digest()
    )
    assert make_random_walk(3).digest() == make_random_walk(3).digest() != make_random_walk(4).digest()


@pytest.mark.parametrize("n", [1, 11, 500, 5000])
def test_synthetic_market_has_the_requested_length(n: int) -> None:
    assert len(make_planted_market(1, n).candles) == len(make_random_walk(1, n)) == n
