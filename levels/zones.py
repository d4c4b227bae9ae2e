"""Zones: bands of price in which pivots lie together.

Every zone belongs to one pivot, its anchor, and reaches equally far, as a ratio, to both sides of it.
Pivots are taken in order of time: one that lies inside a zone joins it (the nearest anchor's, where zones
overlap), one that lies in none founds the next. So a zone is never wider than the tolerance, neighbours
cannot chain into one, and a new candle can add zones but never change one (leader clustering, Hartigan 1975,
on the line).
"""

from bisect import bisect_right
from dataclasses import dataclass
from math import sqrt

import numpy as np

from levels.candles import FloatArray, IntArray
from levels.pivots import Pivots


@dataclass(frozen=True, slots=True, eq=False)
class Zones:
    """Zones in order of price.

    anchor  (z,) int64, index into the pivots: the one each zone was founded by
    low, high  (z,) float64, the edges; high / low is 1 + tolerance
    member  (m,) int64, for each pivot the zone it belongs to, -1 for provisional ones in no zone
    """

    anchor: IntArray
    low: FloatArray
    high: FloatArray
    member: IntArray

    def __len__(self) -> int:
        return int(self.anchor.size)


def find_zones(pivots: Pivots, tolerance: float) -> Zones:
    """The zones of confirmed pivots; `tolerance` is the width as a fraction of price (0.005 is 0.5 %)."""
    reach = sqrt(1.0 + tolerance)
    founders, member = _lead(pivots.price.tolist(), (pivots.windows > 0).tolist(), reach)
    anchor = np.array(founders, dtype=np.int64)
    in_price = np.argsort(pivots.price[anchor], kind="stable")
    place = np.empty(anchor.size + 1, dtype=np.int64)
    place[in_price] = np.arange(anchor.size)
    place[-1] = -1
    price = pivots.price[anchor[in_price]]
    return Zones(anchor[in_price], price / reach, price * reach, place[np.array(member, dtype=np.int64)])


def _lead(prices: list[float], confirmed: list[bool], reach: float) -> tuple[list[int], list[int]]:
    """Leader clustering of prices in the order given: (index of each leader, its number for each price or -1)."""
    founders: list[int] = []
    member: list[int] = []
    anchors: list[float] = []  # ascending, and beside each its zone's number
    number: list[int] = []
    for index, price in enumerate(prices):
        j = bisect_right(anchors, price)
        below = j > 0 and price <= anchors[j - 1] * reach
        above = j < len(anchors) and anchors[j] <= price * reach
        if below and above:
            above = anchors[j] * anchors[j - 1] < price * price
        if below or above:
            member.append(number[j] if above else number[j - 1])
        elif confirmed[index]:
            anchors.insert(j, price)
            number.insert(j, len(founders))
            member.append(len(founders))
            founders.append(index)
        else:
            member.append(-1)
    return founders, member
