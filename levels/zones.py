"""Zones: bands of price around the most senior pivots.

Every zone belongs to one pivot, its anchor: its price is the zone's, and the zone reaches equally far, as a
ratio, to both sides of it. Anchors are chosen by seniority: pivots of the largest order first, among equals
the oldest, and each only if no anchor chosen before it is nearer than `apart` (leader clustering, Hartigan
1975, on the line). So a zone is never wider than the tolerance, neighbours can neither chain into one nor
overlap, and a zone is defined by its anchor alone: candles that come later may add zones, or an anchor senior to
it, but do not move it.
"""

from bisect import bisect_left
from dataclasses import dataclass
from math import sqrt

import numpy as np

from levels.candles import FloatArray, IntArray
from levels.pivots import Pivots


@dataclass(frozen=True, slots=True, eq=False)
class Zones:
    """Zones in order of price.

    anchor  (z,) int64, index into the pivots: the one that founded the zone
    price   (z,) float64, the anchor's price
    low, high  (z,) float64, the edges; high / low is 1 + tolerance, and price their geometric middle
    """

    anchor: IntArray
    price: FloatArray
    low: FloatArray
    high: FloatArray

    def __len__(self) -> int:
        return int(self.anchor.size)

    def locate(self, price: FloatArray) -> IntArray:
        """Return for each price the index of the zone it lies in, or -1."""
        if not len(self):
            return np.full(price.size, -1)
        zone = np.searchsorted(self.low, price, side="right") - 1
        return np.where((zone >= 0) & (price <= self.high[zone]), zone, -1)


def find_zones(pivots: Pivots, tolerance: float, apart: float) -> Zones:
    """Make zones around confirmed pivots.

    tolerance: width of a zone as a fraction of price (0.005 is 0.5 %).
    apart: the least distance of two anchors as a fraction of price; where it is less than the tolerance,
    the tolerance is.
    """
    confirmed = np.flatnonzero(pivots.windows)
    seniority = confirmed[np.argsort(-pivots.windows[confirmed], kind="stable")]
    chosen = _choose_leaders(pivots.price[seniority].tolist(), 1.0 + max(apart, tolerance))
    anchor = seniority[np.array(chosen, dtype=np.int64)]
    price = pivots.price[anchor]
    reach = sqrt(1.0 + tolerance)
    return Zones(anchor, price, price / reach, price * reach)


def _choose_leaders(prices: list[float], apart: float) -> list[int]:
    """Return the indices of the leaders among prices in the order given, sorted by price, none nearer than a ratio."""
    leaders: list[float] = []
    index: list[int] = []
    for i, price in enumerate(prices):
        j = bisect_left(leaders, price)
        if j and price < leaders[j - 1] * apart:
            continue
        if j < len(leaders) and leaders[j] < price * apart:
            continue
        leaders.insert(j, price)
        index.insert(j, i)
    return index
