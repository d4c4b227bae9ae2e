"""The probability of being reached: its table, its arithmetic, and what it must not depend on."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given

from levels import Candles, analyze
from levels.evaluation.synthetic import make_random_walk
from levels.evidence import true_ranges
from levels.reach import (
    REACH_24,
    REACH_100,
    ReachTable,
    interpolate,
    measure_volatility,
    p_reach,
    typical_move,
)
from tests.unit.levels.strategies import HOUR, candles

TABLES = (REACH_24, REACH_100)


@pytest.mark.parametrize("table", TABLES)
def test_reach_table_falls_from_one_towards_zero(table: ReachTable) -> None:
    assert all(a < b for a, b in pairwise(table.z))
    assert all(a > b for a, b in pairwise(table.p))
    assert (table.z[0], table.p[0]) == (0.0, 1.0)
    z = np.linspace(0, 40, 4001)
    p = interpolate(z, table)
    assert (np.diff(p) <= 0).all()
    assert 0 < p[-1] < 1e-3


@pytest.mark.parametrize("table", TABLES)
def test_reach_table_is_linear_between_its_knots(table: ReachTable) -> None:
    z = np.linspace(0, table.z[-1], 777)
    assert np.allclose(interpolate(z, table), np.interp(z, table.z, table.p), rtol=1e-12)


@given(candles())
def test_p_reach_of_any_candles_is_a_probability_that_falls_with_distance(series: Candles) -> None:
    volatility = measure_volatility(series, true_ranges(series))
    distance = np.linspace(0, 3, 50)
    near, far = (p_reach(distance, volatility, table) for table in TABLES)
    for p in (near, far):
        assert ((p >= 0) & (p <= 1)).all()
        assert (np.diff(p) <= 0).all()


def test_p_reach_is_larger_within_more_candles() -> None:
    for level in analyze(make_random_walk(1)).levels:
        assert level.p_reach_100 > level.p_reach_24


def test_p_reach_of_a_market_that_stands_still_is_zero() -> None:
    flat = np.full(300, 5.0)
    series = Candles(np.arange(300) * HOUR, flat, flat, flat, flat, flat)
    volatility = measure_volatility(series, true_ranges(series))
    assert p_reach(np.array([0.01]), volatility, REACH_24).tolist() == [0.0]


def test_typical_move_grows_with_volatility_and_time() -> None:
    calm, wild = (
        measure_volatility(walk, true_ranges(walk))
        for walk in (make_random_walk(1, volatility=0.002), make_random_walk(1, volatility=0.01))
    )
    assert typical_move(wild, REACH_24) > 4 * typical_move(calm, REACH_24)
    assert typical_move(calm, REACH_100) > 1.5 * typical_move(calm, REACH_24)


def test_efficiency_is_less_where_price_goes_to_and_fro() -> None:
    walk = make_random_walk(2)
    peg = 100 * (1 + 0.001 * np.where(np.arange(2000) % 2, 1, -1))
    pegged = Candles(walk.time, peg, peg + 0.2, peg - 0.2, peg, walk.volume)
    free, bound = (measure_volatility(one, true_ranges(one)).efficiency for one in (walk, pegged))
    assert bound < 0.3 < free


def test_one_absurd_bar_hardly_moves_the_typical_move() -> None:
    walk = make_random_walk(3)
    high = walk.high.copy()
    high[500] *= 25
    absurd = Candles(walk.time, walk.open, high, walk.low, walk.close, walk.volume)
    moves = [typical_move(measure_volatility(one, true_ranges(one)), REACH_100) for one in (walk, absurd)]
    assert moves[1] == pytest.approx(moves[0], rel=0.01)
