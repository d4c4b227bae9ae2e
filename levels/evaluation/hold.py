"""Measuring hold rates from trials, and how far they are off on markets they were not measured on."""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np

from levels.evaluation.intervals import BINS
from levels.evaluation.outcomes import NAMES
from levels.evaluation.walk_forward import OURS, PLACEBOS, Trials, joined
from levels.rates import Rate

RACE = NAMES.index("race")


def measure(trials: Trials) -> tuple[Rate, ...]:
    """The rates of the distance bins that have touches of both; the placebo is the `moment` one."""
    found = []
    for near, far in pairwise(BINS):
        here = (trials.distance >= near) & (trials.distance < far)
        ours = trials.sample(OURS, RACE, here).held
        other = trials.sample(PLACEBOS.index("moment"), RACE, here).held
        if ours.size and other.size:
            n = trials[here & (trials.kind == OURS)].distinct()
            found.append(Rate(near, far, round(float(ours.mean()), 3), round(float(other.mean()), 3), n))
    return tuple(found)


def calibration_error(by_market: Mapping[str, Trials]) -> tuple[float, float]:
    """Mean |foretold - observed| over the distance bins, weighted by trials; each market foretold by the others.

    First with all markets' trials of a bin together, then market by market (which has chance in it: a market
    has few trials in a bin). NaN where there is nothing to compare.
    """
    cells = [cell for name in by_market for cell in _foretold(by_market, name)]
    if not cells:
        return float("nan"), float("nan")
    near, foretold, observed, n = np.array(cells).T
    bins = [near == edge for edge in np.unique(near)]
    pooled = sum(abs(((foretold - observed) * n)[here].sum()) for here in bins) / n.sum()
    return float(pooled), float((np.abs(foretold - observed) * n).sum() / n.sum())


def _foretold(by_market: Mapping[str, Trials], name: str) -> list[tuple[float, float, float, int]]:
    """One market's bins as (near edge, rate of the other markets, its own rate, its trials)."""
    trials, cells = by_market[name], []
    for rate in measure(joined([other for key, other in by_market.items() if key != name])):
        here = (trials.distance >= rate.near) & (trials.distance < rate.far)
        held = trials.sample(OURS, RACE, here).held
        if held.size:
            cells.append((rate.near, rate.p_hold, float(held.mean()), held.size))
    return cells
