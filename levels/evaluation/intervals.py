"""Rates compared: a difference of two hold rates at equal distances, and how far to trust it."""

from dataclasses import dataclass

import numpy as np

from levels.candles import FloatArray, IntArray

BINS = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, np.inf)
"""Edges of the distance bins, in ATR."""
REPEATS = 1000


@dataclass(frozen=True, slots=True)
class Difference:
    """Rates in [0, 1]; low and high bound 95 % of the bootstrap's differences. NaN where nothing can be said."""

    rate: float
    other: float
    difference: float
    low: float
    high: float
    n: int
    n_other: int


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Touched levels: did each hold, how far was it (ATR), and in which block of time. All (n,)."""

    held: IntArray
    distance: FloatArray
    block: IntArray

    def __getitem__(self, which: np.ndarray) -> "Sample":
        return Sample(self.held[which], self.distance[which], self.block[which])


def compare(ours: Sample, other: Sample, seed: int = 1) -> Difference:
    """Hold rate of `ours` minus that of `other`, each distance bin weighted by how many of ours it holds.

    The interval is a percentile bootstrap over whole blocks of time (Davison & Hinkley 1997, 3.8), as levels
    of one week share one market: bars, or levels, drawn one by one would pretend to know more.
    """
    blocks = np.unique(np.concatenate((ours.block, other.block)))
    if not ours.held.size or not other.held.size:
        return _nothing(ours, other)
    tables = [_counts(sample, blocks) for sample in (ours, other)]
    rate, base = _rates(*(table.sum(axis=0)[None] for table in tables))
    rates, bases = _rates(*(np.tensordot(_drawn(blocks.size, seed), table, axes=1) for table in tables))
    return _difference(rate, base, rates - bases, ours, other)


def gap(upper: tuple[Sample, Sample], lower: tuple[Sample, Sample], seed: int = 1) -> Difference:
    """How much more `upper` beats its own placebo than `lower` beats its own; each is (ours, placebo)."""
    blocks = np.unique(np.concatenate([sample.block for sample in (*upper, *lower)]))
    if not all(sample.held.size for sample in (*upper, *lower)):
        return _nothing(upper[0], lower[0])
    beat = []
    for weights in (np.ones((1, blocks.size)), _drawn(blocks.size, seed)):
        for pair in (upper, lower):
            rate, base = _rates(*(np.tensordot(weights, _counts(s, blocks), axes=1) for s in pair))
            beat.append(rate - base)
    return _difference(beat[0], beat[1], beat[2] - beat[3], upper[0], lower[0])


def _drawn(blocks: int, seed: int) -> IntArray:
    """(repeats, blocks): how often each block is drawn."""
    drawn: IntArray = np.random.default_rng(seed).multinomial(blocks, np.full(blocks, 1 / blocks), REPEATS)
    return drawn


def _difference(
    rate: FloatArray, base: FloatArray, repeated: FloatArray, ours: Sample, other: Sample
) -> Difference:
    known = repeated[np.isfinite(repeated)]
    low, high = np.quantile(known, [0.025, 0.975]).tolist() if known.size else (float("nan"),) * 2
    one, two = float(rate[0]), float(base[0])
    return Difference(one, two, one - two, low, high, int(ours.held.size), int(other.held.size))


def _nothing(ours: Sample, other: Sample) -> Difference:
    nan = float("nan")
    return Difference(nan, nan, nan, nan, nan, int(ours.held.size), int(other.held.size))


def _counts(sample: Sample, blocks: IntArray) -> FloatArray:
    """(blocks, bins, 2): how many held, how many there were."""
    bins = np.searchsorted(BINS, sample.distance, side="right") - 1
    cell = np.searchsorted(blocks, sample.block) * (len(BINS) - 1) + bins
    size = blocks.size * (len(BINS) - 1)
    held = np.bincount(cell, weights=sample.held, minlength=size)
    there = np.bincount(cell, minlength=size)
    table: FloatArray = np.stack((held, there), axis=1, dtype=np.float64)
    return table.reshape(blocks.size, len(BINS) - 1, 2)


def _rates(ours: FloatArray, other: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Both rates (r,), over the bins where both have any, weighted by ours; tables are (r, bins, 2)."""
    both = (ours[..., 1] > 0) & (other[..., 1] > 0)
    weight = np.where(both, ours[..., 1], 0.0)
    total = weight.sum(axis=1)
    total[total == 0] = np.nan
    rates = [
        (weight * np.divide(t[..., 0], t[..., 1], out=np.zeros_like(weight), where=both)).sum(axis=1) / total
        for t in (ours, other)
    ]
    return rates[0], rates[1]
