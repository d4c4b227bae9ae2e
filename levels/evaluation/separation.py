"""Does anything known of a level tell how well it will hold? Asked of markets the answer was not fitted to."""

from collections.abc import Mapping

import numpy as np

from levels.candles import FloatArray
from levels.evaluation.features import FEATURES
from levels.evaluation.intervals import Difference, Sample, gap
from levels.evaluation.outcomes import NEVER
from levels.evaluation.walk_forward import JITTER, OURS, Trials, joined
from levels.evidence import BoolArray

RIDGE = 50.0


def thirds(trials: Trials, value: FloatArray, outcome: int) -> Difference:
    """Top third minus bottom third of our levels by `value`, each less the placebos made from the same levels.

    value is (n,), one for each trial; a placebo has that of the level it was made from.
    """
    known = value[(trials.kind == OURS) & np.isfinite(value)]
    if known.size < 30:
        nothing = np.zeros(len(trials), dtype=np.bool_)
        return gap(_pair(trials, outcome, nothing), _pair(trials, outcome, nothing))
    lower, upper = np.quantile(known, [1 / 3, 2 / 3])
    if lower == upper:  # a feature of few values: its extremes instead
        lower, upper = known.min(), known.max()
    return gap(_pair(trials, outcome, value >= upper), _pair(trials, outcome, value <= lower))


def _pair(trials: Trials, outcome: int, which: BoolArray) -> tuple[Sample, Sample]:
    return trials.sample(OURS, outcome, which), trials.sample(JITTER, outcome, which)


def by_feature(trials: Trials, outcome: int) -> dict[str, Difference]:
    """`thirds` for each feature by itself."""
    return {name: thirds(trials, trials.features[:, k], outcome) for k, name in enumerate(FEATURES)}


def out_of_sample(by_market: Mapping[str, Trials], outcome: int) -> tuple[Trials, FloatArray]:
    """All trials, and for each what a ridge regression on the features of every *other* market foretells.

    Linear in the features' ranks, so that no outlier leads it and each weight can be read off.
    """
    parts, foretold = [], []
    for name, trials in by_market.items():
        others = joined([other for key, other in by_market.items() if key != name])
        weights, edges = _fit(others, outcome)
        parts.append(trials)
        foretold.append(_design(trials.features, edges) @ weights)
    return joined(parts), np.concatenate(foretold) if foretold else np.zeros(0)


def _fit(trials: Trials, outcome: int) -> tuple[FloatArray, FloatArray]:
    chosen = (trials.kind == OURS) & (trials.outcomes[:, outcome] != NEVER)
    edges: FloatArray = np.quantile(trials.features[chosen], np.linspace(0, 1, 21), axis=0)
    x = _design(trials.features[chosen], edges)
    y = trials.outcomes[chosen, outcome].astype(np.float64)
    penalty = RIDGE * np.eye(x.shape[1])
    penalty[0, 0] = 0.0
    weights: FloatArray = np.linalg.solve(x.T @ x + penalty, x.T @ y)
    return weights, edges


def _design(features: FloatArray, edges: FloatArray) -> FloatArray:
    """(n, 1 + f): a one, then each feature's rank among the fitted ones, from -1 to 1; NaN stays NaN."""
    ranks = [
        np.where(np.isnan(column), np.nan, np.searchsorted(marks, column) / 10.5 - 1.0)
        for column, marks in zip(features.T, edges.T, strict=True)
    ]
    return np.column_stack((np.ones(len(features)), *ranks))
