"""Compare two hold rates at equal distances, with a bootstrap interval of the difference."""

from dataclasses import dataclass

import numpy as np

from levels.candles import FloatArray, IntArray

BINS = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, np.inf)
"""Edges of the distance bins, in ATR."""
RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Difference:
    """Rates in [0, 1]; low and high bound 95 % of the bootstrap's differences. NaN where there is no data."""

    rate: float
    other: float
    difference: float
    low: float
    high: float
    n: int
    n_other: int


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Touched levels: whether each held, its distance in ATR, and its block of time. All (n,)."""

    held: IntArray
    distance: FloatArray
    block: IntArray

    def __getitem__(self, which: np.ndarray) -> "Sample":
        return Sample(self.held[which], self.distance[which], self.block[which])


def compare_rates(ours: Sample, other: Sample, seed: int = 1) -> Difference:
    """Return the hold rate of `ours` minus that of `other`, each distance bin weighted by its number of ours.

    The interval is a percentile bootstrap over whole blocks of time (Davison & Hinkley 1997, 3.8), because
    levels of one week share one market: drawing levels one by one would give intervals that are too narrow.
    """
    blocks = np.unique(np.concatenate((ours.block, other.block)))
    if not ours.held.size or not other.held.size:
        return _no_difference(ours, other)
    tables = [_count_holds(sample, blocks) for sample in (ours, other)]
    rate, base = _rates(*(table.sum(axis=0)[None] for table in tables))
    rates, bases = _rates(*(np.tensordot(_draw_blocks(blocks.size, seed), table, axes=1) for table in tables))
    return _make_difference(rate, base, rates - bases, ours, other)


def compare_edges(upper: tuple[Sample, Sample], lower: tuple[Sample, Sample], seed: int = 1) -> Difference:
    """Return the edge of `upper` over its placebo minus the edge of `lower` over its own; each is (ours, placebo)."""
    blocks = np.unique(np.concatenate([sample.block for sample in (*upper, *lower)]))
    if not all(sample.held.size for sample in (*upper, *lower)):
        return _no_difference(upper[0], lower[0])
    beat = []
    for weights in (np.ones((1, blocks.size)), _draw_blocks(blocks.size, seed)):
        for pair in (upper, lower):
            rate, base = _rates(*(np.tensordot(weights, _count_holds(s, blocks), axes=1) for s in pair))
            beat.append(rate - base)
    return _make_difference(beat[0], beat[1], beat[2] - beat[3], upper[0], lower[0])


def _draw_blocks(blocks: int, seed: int) -> IntArray:
    """Return (resamples, blocks): how often each block is drawn."""
    drawn: IntArray = np.random.default_rng(seed).multinomial(blocks, np.full(blocks, 1 / blocks), RESAMPLES)
    return drawn


def _make_difference(
    rate: FloatArray, base: FloatArray, repeated: FloatArray, ours: Sample, other: Sample
) -> Difference:
    known = repeated[np.isfinite(repeated)]
    low, high = np.quantile(known, [0.025, 0.975]).tolist() if known.size else (float("nan"),) * 2
    one, two = float(rate[0]), float(base[0])
    return Difference(one, two, one - two, low, high, int(ours.held.size), int(other.held.size))


def _no_difference(ours: Sample, other: Sample) -> Difference:
    nan = float("nan")
    return Difference(nan, nan, nan, nan, nan, int(ours.held.size), int(other.held.size))


def _count_holds(sample: Sample, blocks: IntArray) -> FloatArray:
    """Return (blocks, bins, 2): how many held, and how many there were."""
    bins = np.searchsorted(BINS, sample.distance, side="right") - 1
    cell = np.searchsorted(blocks, sample.block) * (len(BINS) - 1) + bins
    size = blocks.size * (len(BINS) - 1)
    held = np.bincount(cell, weights=sample.held, minlength=size)
    there = np.bincount(cell, minlength=size)
    table: FloatArray = np.stack((held, there), axis=1, dtype=np.float64)
    return table.reshape(blocks.size, len(BINS) - 1, 2)


def _rates(ours: FloatArray, other: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return both rates (r,) over the bins where both have trials, weighted by ours; tables are (r, bins, 2)."""
    both = (ours[..., 1] > 0) & (other[..., 1] > 0)
    weight = np.where(both, ours[..., 1], 0.0)
    total = weight.sum(axis=1)
    total[total == 0] = np.nan
    rates = [
        (weight * np.divide(t[..., 0], t[..., 1], out=np.zeros_like(weight), where=both)).sum(axis=1) / total
        for t in (ours, other)
    ]
    return rates[0], rates[1]
