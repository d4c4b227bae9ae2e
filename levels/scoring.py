"""Scores: weighted evidence, part by part.

Each part is first brought to [0, 1], so that a weight is the most its part can earn and the parts sum to
the score. Only +, -, *, / are used: they round alike on every machine, logarithms need not.
"""

from dataclasses import dataclass

import numpy as np

from levels.candles import FloatArray, IntArray
from levels.params import Params
from levels.pivots import BoolArray


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """(z,) float64 each: what each part earns, weight included, and their sum."""

    touches: FloatArray
    volume: FloatArray
    distance: FloatArray
    direction: FloatArray
    total: FloatArray


def score_zones(
    bounces: IntArray,
    breaks: IntArray,
    relative_volume: FloatArray,
    price: FloatArray,
    from_low: BoolArray,
    last_price: float,
    params: Params,
) -> Scores:
    """Score zones by their bounces, breaks, mean relative volume, price, and origin.

    A touch counts by its outcome: a bounce 1, a break negative. Counted alike, every price in the middle of a
    range would be a level, because price crosses it on its way to all others.
    """
    net = np.maximum(bounces - params.break_cost * breaks, 0.0)
    earned = (
        params.weight_touches * (net / (net + params.touches_half)),
        params.weight_volume * (relative_volume / (relative_volume + 1.0)),
        params.weight_distance * closeness(price, last_price, params),
        params.weight_direction * np.where(from_low == (price < last_price), 1.0, 0.5),
    )
    return Scores(*earned, total=earned[0] + earned[1] + earned[2] + earned[3])


def price_ratio(price: FloatArray, last_price: float) -> FloatArray:
    """Return the distance of prices to the last one as a ratio of at least 1, symmetric above and below."""
    return np.maximum(price / last_price, last_price / price)


def closeness(price: FloatArray, last_price: float, params: Params) -> FloatArray:
    """Return 1 between `distance_near` and `distance_far`, less outside: distance / near, far / distance."""
    distance = price_ratio(price, last_price) - 1.0
    return np.minimum(
        1.0, np.minimum(distance / params.distance_near, params.distance_far / np.maximum(distance, 1e-300))
    )
