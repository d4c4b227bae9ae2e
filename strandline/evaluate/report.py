"""Measure what levels are worth on some series: the figures that docs/levels.md quotes. No output."""

from collections.abc import Mapping
from dataclasses import dataclass

from rich.console import Console
from rich.progress import track

from levels import Candles, Params, analyze
from levels.evaluation.hold_rates import RACE, calibration_error, measure_hold_rates
from levels.evaluation.intervals import Difference, compare_rates
from levels.evaluation.outcomes import OUTCOME_NAMES
from levels.evaluation.reach import (
    Calibration,
    Excursions,
    calibrate,
    find_excursions,
    fit_table,
    join_tries,
    leave_one_out,
    try_later_years,
)
from levels.evaluation.separation import compare_features, compare_thirds, predict_out_of_sample
from levels.evaluation.stability import LevelRetention, count_repaints, measure_retention
from levels.evaluation.usefulness import HORIZONS, Usefulness, measure_usefulness
from levels.evaluation.walk_forward import (
    OURS,
    PLACEBOS,
    Analyzer,
    Trials,
    WalkSettings,
    join_trials,
    walk_forward,
)
from levels.hold_rates import HoldRate
from levels.reach import SHORT_WEIGHT_24, SHORT_WEIGHT_100, ReachTable

SHORT_WEIGHTS = {24: SHORT_WEIGHT_24, 100: SHORT_WEIGHT_100}
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
    usefulness   levels touched within 100 candles and sides without a near level, by series
    reach        calibration of p_reach by horizon: of levels, and of random prices on series or years left out
    reach_series calibration error of p_reach by series left out and horizon
    kept         levels reported again, by series and number of added candles
    repainted    decided visits compared, and how many of them changed
    """

    series: dict[str, tuple[int, int]]
    edges: dict[str, dict[str, Difference]]
    features: dict[str, Difference]
    separation: dict[str, Difference]
    rates: tuple[HoldRate, ...]
    calibration: tuple[float, float]
    usefulness: dict[str, Usefulness]
    reach: dict[int, dict[str, Calibration]]
    reach_series: dict[str, dict[int, Calibration]]
    kept: dict[str, dict[int, LevelRetention]]
    repainted: tuple[int, int]


def measure(
    series: Mapping[str, Candles], params: Params, console: Console, *, analyzer: Analyzer = analyze
) -> EvaluationReport:
    """Evaluate the levels of some series. One of fewer than 4,000 candles is walked with half its length as window."""
    walked = {
        name: walk_forward(candles, params, WalkSettings(window=_window(candles)), analyzer=analyzer)
        for name, candles in track(series.items(), "walking forward", console=console, total=len(series))
    }
    trials = join_trials(list(walked.values()))
    kept = {
        name: {
            n: measure_retention(candles, params, n, window=_window(candles), analyzer=analyzer)
            for n in ADDED
        }
        for name, candles in track(series.items(), "adding candles", console=console, total=len(series))
    }
    replays = [
        count_repaints(candles, params, window=_window(candles), slides=SLIDES)
        for candles in track(series.values(), "sliding the window", console=console, total=len(series))
    ]
    used = {
        name: measure_usefulness(candles, params, window=_window(candles), analyzer=analyzer)
        for name, candles in track(series.items(), "looking ahead", console=console, total=len(series))
    }
    excursions = measure_excursions(series, params)
    left_out = {n: leave_one_out(excursions, n, SHORT_WEIGHTS[n]) for n in HORIZONS}
    return EvaluationReport(
        series={name: (len(series[name]), _count_touches(own)) for name, own in walked.items()},
        edges=compare_with_placebos(trials),
        features=compare_features(trials, RACE),
        separation={
            name: compare_thirds(*predict_out_of_sample(walked, o), o) for o, name in enumerate(OUTCOME_NAMES)
        },
        rates=measure_hold_rates(trials),
        calibration=calibration_error(walked),
        usefulness={name: counts for name, (counts, _) in used.items()},
        reach={
            n: {
                "levels": calibrate(
                    *join_tries((own.predicted[n], own.reached[n]) for _, own in used.values())
                ),
                "random prices, series left out": calibrate(*join_tries(left_out[n].values())),
                "random prices, later years": calibrate(*try_later_years(excursions, n, SHORT_WEIGHTS[n])),
            }
            for n in HORIZONS
        },
        reach_series={name: {n: calibrate(*left_out[n][name]) for n in HORIZONS} for name in excursions},
        kept=kept,
        repainted=(sum(count for count, _ in replays), sum(changed for _, changed in replays)),
    )


def measure_excursions(series: Mapping[str, Candles], params: Params) -> dict[str, Excursions]:
    """Return the excursions of the series that have any."""
    found = {name: find_excursions(candles, params, HORIZONS) for name, candles in series.items()}
    return {name: one for name, one in found.items() if len(one)}


def fit_reach_tables(excursions: Mapping[str, Excursions]) -> tuple[ReachTable, ReachTable]:
    """Measure the tables of both horizons on all the series."""
    near, far = (fit_table(list(excursions.values()), n, SHORT_WEIGHTS[n]) for n in HORIZONS)
    return near, far


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
