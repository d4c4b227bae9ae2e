"""Zones: bands of price around the most senior pivots.

Every zone belongs to one pivot, its anchor: its price is the zone's, and the zone reaches equally far, as a
ratio, to both sides of it. Anchors are chosen by seniority: pivots of the largest order first, then those of
smaller ones down to `anchor_order`, among equals the oldest, and each only if no anchor chosen before it is
nearer than `apart` (leader clustering, Hartigan 1975, on the line). So neighbours neither chain into one nor
overlap, and a zone is defined by its anchor alone: candles that come later may add zones, or an anchor senior to
it, but do not move it.

The highest high and the lowest low of the window are anchors too, however new they are: whatever zone would
overlap theirs gives way.
"""

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np

from levels.candles import FloatArray, IntArray
from levels.pivots import BoolArray, Pivots

BEYOND_ROUNDING = 1.0 + 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Zones:
    """Zones in order of price.

    anchor  (z,) int64, index into the pivots: the one that founded the zone
    price   (z,) float64, the anchor's price
    low, high  (z,) float64, the edges; high / low is 1 + its width, and price their geometric middle
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
        zone = self.low.searchsorted(price, side="right") - 1
        return np.where((zone >= 0) & (price <= self.high[zone]), zone, -1)


def find_zones(
    pivots: Pivots,
    width: FloatArray,
    *,
    apart: float,
    minor_apart: float,
    first_bar: int = 0,
    anchor_order: int = 1,
) -> Zones:
    """Make zones around confirmed pivots and the two extremes, from the bar `first_bar` on.

    width: (m,) of a zone about each pivot, as a fraction of price (0.005 is 0.5 %).
    apart: the least distance of two anchors as a fraction of price; where their widths are more, these are.
    anchor_order: the order over which an anchor must be confirmed (the largest one, where that is less).
    """
    usable = pivots.bar >= first_bar
    founding = 1 << min(bisect_left(pivots.orders, anchor_order), len(pivots.orders) - 1)
    masks = np.where(usable, pivots.windows, 0)
    largest = masks >= 1 << (len(pivots.orders) - 1)
    minor = masks < founding
    seniority = np.concatenate(
        [which.nonzero()[0] for which in (largest, ~largest & ~minor, minor & (masks > 0))]
    )
    clear = _clearance(width, 2.0 * apart)
    anchor = _choose_leaders(
        seniority, pivots.price, np.maximum(clear, 1.0 + np.where(minor, minor_apart, apart))
    )
    anchor = _insert_extremes(anchor, _find_extremes(pivots, usable), pivots.price, clear)
    price = pivots.price[anchor]
    reach = np.sqrt(1.0 + width[anchor])
    return Zones(anchor, price, price / reach, price * reach)


def _clearance(width: FloatArray, most: float) -> FloatArray:
    """Return (m,) ratios that anchors must be apart so that none lies in the zone of another, but not above 1 + `most`.

    A market whose bars are tiny beside the width, such as a stablecoin, has neighbours within a zone.
    Where widths differ they must also be so far apart that the edges, and the edges once more as far out, ascend
    with the price: `find_visits` searches in them.
    """
    if not width.size:
        return width
    ratio = (1.0 + width) / (1.0 + width.min())
    apart = np.minimum(np.sqrt(1.0 + width) * BEYOND_ROUNDING, 1.0 + most)
    clear: FloatArray = np.maximum(apart, ratio * np.sqrt(ratio))
    return clear


def _choose_leaders(candidates: IntArray, prices: FloatArray, gaps: FloatArray) -> IntArray:
    """Return the leaders among candidates in the order given, sorted by price, none nearer to another than its gap."""
    leaders: list[float] = []
    room: list[float] = []
    index: list[int] = []
    listed = zip(candidates.tolist(), prices[candidates].tolist(), gaps[candidates].tolist(), strict=True)
    for i, price, gap in listed:
        j = bisect_left(leaders, price)
        # The larger of two gaps counts; two comparisons are cheaper than max() in this innermost loop of an analysis.
        if j and (price < leaders[j - 1] * gap or price < leaders[j - 1] * room[j - 1]):
            continue
        if j < len(leaders) and (leaders[j] < price * gap or leaders[j] < price * room[j]):
            continue
        leaders.insert(j, price)
        room.insert(j, gap)
        index.insert(j, i)
    return np.array(index, dtype=np.int64)


def _find_extremes(pivots: Pivots, usable: BoolArray) -> list[int]:
    """Return the pivots of the lowest low and the highest high; the oldest where several are equal."""
    lows, highs = (usable & ~pivots.is_high).nonzero()[0], (usable & pivots.is_high).nonzero()[0]
    lowest = [int(lows[pivots.price[lows].argmin()])] if lows.size else []
    highest = [int(highs[pivots.price[highs].argmax()])] if highs.size else []
    return lowest + highest


def _insert_extremes(
    anchor: IntArray, extremes: list[int], prices: FloatArray, clear: FloatArray
) -> IntArray:
    """Return the anchors with the extremes among them, and without others whose zones would overlap theirs.

    The zones of the two extremes may overlap, where the whole market is narrower than a zone.
    """
    for extreme in extremes:
        ratio = np.maximum(prices[anchor] / prices[extreme], prices[extreme] / prices[anchor])
        anchor = anchor[(ratio >= np.maximum(clear[anchor], clear[extreme])) & (anchor != extreme)]
    both = np.concatenate((anchor, np.array(extremes, dtype=np.int64)))
    in_order: IntArray = both[prices[both].argsort(kind="stable")]
    return in_order
