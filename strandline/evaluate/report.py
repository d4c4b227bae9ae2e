"""Measure what levels are worth on some series: the figures that docs/levels.md quotes. No output."""

from collections.abc import Mapping
from dataclasses import dataclass

from rich.console import Console
from rich.progress import track

from levels import Candles, Params
from levels.evaluation.hold_rates import RACE, calibration_error, measure_hold_rates
from levels.evaluation.intervals import Difference, compare_rates
from levels.evaluation.outcomes import OUTCOME_NAMES
from levels.evaluation.separation import compare_features, compare_thirds, predict_out_of_sample
from levels.evaluation.stability import LevelRetention, count_repaints, measure_retention
from levels.evaluation.walk_forward import OURS, PLACEBOS, Trials, WalkSettings, join_trials, walk_forward
from levels.hold_rates import HoldRate

ADDED = (1, 20)
"""Numbers of candles after which levels are compared."""
SLIDES = 400
"""Candles by which the window slides over each series, to see whether evidence changes."""


@dataclass(frozen=True)
class EvaluationReport:
    """Everything that is printed, saved and drawn.

    series       candles and distinct touches of each
    edges        hold rates by outcome and placebo; features, separation: what predicts that a level holds
    calibration  error of the hold rates on other markets: pooled, and market by market
    kept         levels reported again, by series and number of added candles
    repainted    decided visits compared, and how many of them changed
    """

    series: dict[str, tuple[int, int]]
    edges: dict[str, dict[str, Difference]]
    features: dict[str, Difference]
    separation: dict[str, Difference]
    rates: tuple[HoldRate, ...]
    calibration: tuple[float, float]
    kept: dict[str, dict[int, LevelRetention]]
    repainted: tuple[int, int]


def measure(series: Mapping[str, Candles], params: Params, console: Console) -> EvaluationReport:
    """Evaluate the levels of some series. One of fewer than 4,000 candles is walked with half its length as window."""
    walked = {
        name: walk_forward(candles, params, WalkSettings(window=_window(candles)))
        for name, candles in track(series.items(), "walking forward", console=console, total=len(series))
    }
    trials = join_trials(list(walked.values()))
    kept = {
        name: {n: measure_retention(candles, params, n, window=_window(candles)) for n in ADDED}
        for name, candles in track(series.items(), "adding candles", console=console, total=len(series))
    }
    replays = [
        count_repaints(candles, params, window=_window(candles), slides=SLIDES)
        for candles in track(series.values(), "sliding the window", console=console, total=len(series))
    ]
    return EvaluationReport(
        series={name: (len(series[name]), _count_touches(own)) for name, own in walked.items()},
        edges=compare_with_placebos(trials),
        features=compare_features(trials, RACE),
        separation={
            name: compare_thirds(*predict_out_of_sample(walked, o), o) for o, name in enumerate(OUTCOME_NAMES)
        },
        rates=measure_hold_rates(trials),
        calibration=calibration_error(walked),
        kept=kept,
        repainted=(sum(count for count, _ in replays), sum(changed for _, changed in replays)),
    )


def compare_with_placebos(trials: Trials) -> dict[str, dict[str, Difference]]:
    """Return the hold rates of levels against each placebo, by outcome."""
    return {
        name: {
            placebo: compare_rates(trials.sample(OURS, o), trials.sample(k, o))
            for k, placebo in enumerate(PLACEBOS)
        }
        for o, name in enumerate(OUTCOME_NAMES)
    }


def _window(candles: Candles) -> int:
    return min(2000, len(candles) // 2)


def _count_touches(trials: Trials) -> int:
    return trials[trials.kind == OURS].count_distinct_touches()
