"""Whether a row has the numbers that its levels were published with: another backend may have renewed it. Pure."""

import math
from collections.abc import Sequence

from schemas.events import Level

_PRICE_TOLERANCE = 1e-9
_DISTANCE_TOLERANCE = 1e-6
"""In percent of the price: stored distances are rounded to 12 digits."""


def is_of_row(
    levels: Sequence[Level], last_price: float, supports: Sequence[float], resistances: Sequence[float]
) -> bool:
    """Return whether every level is among the row's prices, and as far from its last price as was published."""
    prices = {"support": supports, "resistance": resistances}
    return all(_is_among(level, prices[level.side]) and _has_distance(level, last_price) for level in levels)


def _is_among(level: Level, prices: Sequence[float]) -> bool:
    return any(math.isclose(level.price, price, rel_tol=_PRICE_TOLERANCE) for price in prices)


def _has_distance(level: Level, last_price: float) -> bool:
    if last_price <= 0:
        return False
    distance = abs(level.price - last_price) / last_price * 100
    return math.isclose(
        level.distance_pct, distance, rel_tol=_DISTANCE_TOLERANCE, abs_tol=_DISTANCE_TOLERANCE
    )
