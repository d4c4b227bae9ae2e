"""Measure hold rates from trials, and their error on markets they were not measured on."""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np

from levels.evaluation.intervals import BINS
from levels.evaluation.outcomes import OUTCOME_NAMES
from levels.evaluation.walk_forward import OURS, PLACEBOS, Trials, join_trials
from levels.hold_rates import HoldRate

RACE = OUTCOME_NAMES.index("race")


def measure_hold_rates(trials: Trials) -> tuple[HoldRate, ...]:
    """Return the rates of the distance bins, levels and `moment` placebos weighing the same."""
    found = []
    for near, far in pairwise(BINS):
        here = (trials.distance >= near) & (trials.distance < far)
        ours = trials.sample(OURS, RACE, here).held
        other = trials.sample(PLACEBOS.index("moment"), RACE, here).held
        if ours.size and other.size:
            n = trials[here & (trials.kind == OURS)].count_distinct_touches()
            rate = (float(ours.mean()) + float(other.mean())) / 2
            found.append(HoldRate(near, far, round(rate, 3), n))
    return tuple(found)


def calibration_error(by_market: Mapping[str, Trials]) -> tuple[float, float]:
    """Return the mean |predicted - observed| over distance bins; each market is predicted by the others.

    First with all markets' trials of a bin together, then market by market, which includes sampling noise
    because a market has few trials in a bin. NaN where there is nothing to compare.
    """
    cells = [cell for name in by_market for cell in _predict_market(by_market, name)]
    if not cells:
        return float("nan"), float("nan")
    near, predicted, observed, n = np.array(cells).T
    bins = [near == edge for edge in np.unique(near)]
    pooled = sum(abs(((predicted - observed) * n)[here].sum()) for here in bins) / n.sum()
    return float(pooled), float((np.abs(predicted - observed) * n).sum() / n.sum())


def _predict_market(by_market: Mapping[str, Trials], name: str) -> list[tuple[float, float, float, int]]:
    """Return one market's bins as (near edge, rate of the other markets, its own rate, its trials)."""
    trials, cells = by_market[name], []
    for rate in measure_hold_rates(join_trials([other for key, other in by_market.items() if key != name])):
        here = (trials.distance >= rate.near) & (trials.distance < rate.far)
        held = trials.sample(OURS, RACE, here).held
        if held.size:
            cells.append((rate.near, rate.p_hold, float(held.mean()), held.size))
    return cells
