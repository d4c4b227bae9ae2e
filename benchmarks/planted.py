"""Measure whether the core finds planted levels, and nothing in random walks: `python -m benchmarks.planted [--null]`.

Prints recall and precision on 60 markets with planted levels, beside the plain algorithm's. With --null also
the evaluation of 60 random walks (about a minute): its differences must be about 0.
"""

import sys

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from levels import Params, analyze
from levels.evaluation.intervals import compare_rates
from levels.evaluation.outcomes import OUTCOME_NAMES
from levels.evaluation.synthetic import make_planted_market, make_random_walk
from levels.evaluation.walk_forward import OURS, PLACEBOS, Trials, WalkSettings, join_trials, walk_forward
from strandline.evaluate.tables import format_points

MARKETS = 60
NEAR = 1.005
NOISES = (0.3, 0.5, 0.8)


def measure_recall(noise: float, params: Params) -> tuple[float, float]:
    """(recall, precision): share reported of the levels price came to twice; share planted of those reported."""
    hits = wanted = right = reported = 0
    for seed in range(MARKETS):
        market = make_planted_market(seed, noise=noise)
        prices = np.array([level.price for level in analyze(market.candles, params).levels])
        often = market.levels[market.arrivals >= 2]
        hits += int(near(often, prices).sum())
        right += int(near(prices, market.levels).sum())
        wanted, reported = wanted + often.size, reported + prices.size
    return hits / wanted, right / reported


def near(some: np.ndarray, others: np.ndarray) -> np.ndarray:
    """For each of some prices whether one of the others is within 0.5 %."""
    if not others.size:
        return np.zeros(some.size, dtype=bool)
    ratio = some[:, None] / others
    return np.maximum(ratio, 1 / ratio).min(axis=1) <= NEAR


def noise_trials() -> Trials:
    """Trials of random walks that share no time."""
    parts = []
    for seed in track(range(100, 100 + MARKETS), "walking over noise"):
        trials = walk_forward(make_random_walk(seed, 12_000), Params(), WalkSettings(seed=seed, step=25))
        trials.block[:] += seed * 1000
        parts.append(trials)
    return join_trials(parts)


def main() -> None:
    console = Console()
    table = Table("wandering", "method", "recall", "precision")
    for noise in NOISES:
        for method in ("score", "reference"):
            recall, precision = measure_recall(noise, Params(method=method))
            table.add_row(f"{noise}", method, f"{recall:.0%}", f"{precision:.0%}")
    console.print(table)
    if "--null" in sys.argv:
        trials = noise_trials()
        for o, outcome in enumerate(OUTCOME_NAMES):
            for k, placebo in enumerate(PLACEBOS):
                d = compare_rates(trials.sample(OURS, o), trials.sample(k, o))
                console.print(f"{outcome}, {placebo}: {format_points(d)} of {d.n:,}")


if __name__ == "__main__":
    main()
