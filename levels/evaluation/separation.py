"""Test whether any feature of a level predicts that it holds, on markets that were not fitted to."""

from collections.abc import Mapping

import numpy as np

from levels.candles import FloatArray
from levels.evaluation.features import FEATURES
from levels.evaluation.intervals import Difference, Sample, compare_edges
from levels.evaluation.outcomes import NO_OUTCOME
from levels.evaluation.walk_forward import JITTER, OURS, Trials, join_trials
from levels.pivots import BoolArray

RIDGE = 50.0


def compare_thirds(trials: Trials, value: FloatArray, outcome: int) -> Difference:
    """Compare the top third of our levels by `value` with the bottom third, each less its own placebos.

    value is (n,), one for each trial; a placebo has that of the level it was made from.
    """
    known = value[(trials.kind == OURS) & np.isfinite(value)]
    if known.size < 30:
        nothing = np.zeros(len(trials), dtype=np.bool_)
        return compare_edges(_pair(trials, outcome, nothing), _pair(trials, outcome, nothing))
    lower, upper = np.quantile(known, [1 / 3, 2 / 3])
    if lower == upper:  # a feature of few values: its extremes instead
        lower, upper = known.min(), known.max()
    return compare_edges(_pair(trials, outcome, value >= upper), _pair(trials, outcome, value <= lower))


def _pair(trials: Trials, outcome: int, which: BoolArray) -> tuple[Sample, Sample]:
    return trials.sample(OURS, outcome, which), trials.sample(JITTER, outcome, which)


def compare_features(trials: Trials, outcome: int) -> dict[str, Difference]:
    """Return `compare_thirds` of each feature by itself."""
    return {name: compare_thirds(trials, trials.features[:, k], outcome) for k, name in enumerate(FEATURES)}


def predict_out_of_sample(by_market: Mapping[str, Trials], outcome: int) -> tuple[Trials, FloatArray]:
    """Return all trials, and for each the prediction of a ridge regression fitted on every *other* market.

    Linear in the features' ranks, so that outliers do not dominate and each weight can be read.
    """
    parts, predicted = [], []
    for name, trials in by_market.items():
        others = join_trials([other for key, other in by_market.items() if key != name])
        parts.append(trials)
        if others.sample(OURS, outcome).held.size:
            weights, edges = _fit_ridge(others, outcome)
            predicted.append(_rank_matrix(trials.features, edges) @ weights)
        else:  # a single series: there is nothing to fit to
            predicted.append(np.full(len(trials), np.nan))
    return join_trials(parts), np.concatenate(predicted) if predicted else np.zeros(0)


def _fit_ridge(trials: Trials, outcome: int) -> tuple[FloatArray, FloatArray]:
    chosen = (trials.kind == OURS) & (trials.outcomes[:, outcome] != NO_OUTCOME)
    edges: FloatArray = np.quantile(trials.features[chosen], np.linspace(0, 1, 21), axis=0)
    x = _rank_matrix(trials.features[chosen], edges)
    y = trials.outcomes[chosen, outcome].astype(np.float64)
    penalty = RIDGE * np.eye(x.shape[1])
    penalty[0, 0] = 0.0
    weights: FloatArray = np.linalg.solve(x.T @ x + penalty, x.T @ y)
    return weights, edges


def _rank_matrix(features: FloatArray, edges: FloatArray) -> FloatArray:
    """Return (n, 1 + f): a one, then each feature's rank among the fitted values, from -1 to 1; NaN stays NaN."""
    ranks = [
        np.where(np.isnan(column), np.nan, np.searchsorted(marks, column) / 10.5 - 1.0)
        for column, marks in zip(features.T, edges.T, strict=True)
    ]
    return np.column_stack((np.ones(len(features)), *ranks))
