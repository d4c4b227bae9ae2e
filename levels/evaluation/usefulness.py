"""Measure whether levels lie where price gets to: how many are touched, how near the nearest is, how p_reach fits."""

from dataclasses import dataclass

import numpy as np

from levels.analysis import analyze
from levels.candles import Candles, FloatArray
from levels.evaluation.walk_forward import ATR_CANDLES, Analyzer, prices_and_sides
from levels.evidence import relative_atr
from levels.params import Params
from levels.pivots import BoolArray
from levels.scoring import price_ratio

HORIZONS = (24, 100)
NEAR_ATR = 3.0


@dataclass(frozen=True, slots=True)
class Usefulness:
    """Counts over the moments of one or more series: levels, those touched within 100 candles, and sides.

    far, empty   sides of moments with no level within 3 ATR, and with none at all
    """

    levels: int
    touched: int
    sides: int
    far: int
    empty: int

    def __add__(self, other: "Usefulness") -> "Usefulness":
        return Usefulness(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


@dataclass(frozen=True, slots=True, eq=False)
class ReachedLevels:
    """Levels of all moments of a series, (k,): p_reach by horizon, and whether price traded at each within it."""

    predicted: dict[int, FloatArray]
    reached: dict[int, BoolArray]


def measure_usefulness(
    candles: Candles,
    params: Params,
    *,
    window: int = 2000,
    moments: int = 100,
    seed: int = 1,
    analyzer: Analyzer = analyze,
) -> tuple[Usefulness, ReachedLevels]:
    """Analyse random moments of a series and look at the 100 candles after each."""
    total, parts = Usefulness(0, 0, 0, 0, 0), []
    if len(candles) > window + HORIZONS[-1]:
        ends = np.random.default_rng(seed).integers(window, len(candles) - HORIZONS[-1], moments)
        for end in ends.tolist():
            used, part = _look_ahead(candles, int(end), params, window, analyzer)
            total += used
            parts.append(part)
    predicted = {n: np.concatenate([np.zeros(0), *(one.predicted[n] for one in parts)]) for n in HORIZONS}
    reached = {
        n: np.concatenate([np.zeros(0, dtype=np.bool_), *(one.reached[n] for one in parts)]) for n in HORIZONS
    }
    return total, ReachedLevels(predicted, reached)


def _look_ahead(
    candles: Candles, end: int, params: Params, window: int, analyzer: Analyzer
) -> tuple[Usefulness, ReachedLevels]:
    past = candles[end - window : end]
    levels, last = analyzer(past, params).levels, float(past.close[-1])
    prices, support = prices_and_sides(levels)
    atr = float(relative_atr(past[-ATR_CANDLES:], params.atr_window)[-1])
    near = (price_ratio(prices, last) - 1.0) <= NEAR_ATR * atr
    reached = {n: _is_reached(candles[end : end + n], prices, support) for n in HORIZONS}
    predicted = {
        24: np.array([level.p_reach_24 for level in levels], dtype=np.float64),
        100: np.array([level.p_reach_100 for level in levels], dtype=np.float64),
    }
    sides = (support, ~support)
    used = Usefulness(
        prices.size,
        int(reached[100].sum()),
        2,
        sum(not (near & side).any() for side in sides),
        sum(not side.any() for side in sides),
    )
    return used, ReachedLevels(predicted, reached)


def _is_reached(future: Candles, prices: FloatArray, support: BoolArray) -> BoolArray:
    reached: BoolArray = np.where(support, future.low.min() <= prices, future.high.max() >= prices)
    return reached
