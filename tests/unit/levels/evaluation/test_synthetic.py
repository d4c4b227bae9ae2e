"""Planted levels are found; the figures of docs/levels.md hold."""

import numpy as np
import pytest

from levels import analyze
from levels.analysis import examine
from levels.evaluation.synthetic import planted, walk
from levels.params import Params

NEAR = 1.005


def is_near(price: float, others: np.ndarray) -> bool:
    return bool(others.size and np.maximum(others / price, price / others).min() <= NEAR)


@pytest.mark.parametrize("noise", [0.3, 0.5, 0.8])
def test_planted_levels_are_found_and_most_of_what_is_found_was_planted(noise: float) -> None:
    hits = wanted = right = told = 0
    for seed in range(30):
        market = planted(seed, noise=noise)
        prices = np.array([level.price for level in analyze(market.candles).levels])
        often = market.levels[market.arrivals >= 2]
        hits += sum(is_near(price, prices) for price in often.tolist())
        wanted += often.size
        right += sum(is_near(price, market.levels) for price in prices.tolist())
        told += prices.size
    assert hits / wanted >= 0.8
    assert right / told >= 0.7


def test_every_planted_level_is_a_zone() -> None:
    for seed in range(10):
        market = planted(seed)
        zones = examine(market.candles, Params()).zones.price
        assert all(is_near(price, zones) for price in market.levels[market.arrivals >= 2].tolist())


def test_a_seed_is_a_market() -> None:
    assert planted(3).candles.digest() == planted(3).candles.digest() != planted(4).candles.digest()
    assert walk(3).digest() == walk(3).digest() != walk(4).digest()


@pytest.mark.parametrize("n", [1, 11, 500, 5000])
def test_as_many_candles_as_asked_for(n: int) -> None:
    assert len(planted(1, n).candles) == len(walk(1, n)) == n
