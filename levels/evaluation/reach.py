"""Measure the tables of `levels.reach`, and how well p_reach is calibrated on series they were not measured on.

An excursion is how far price got up or down within some candles of a moment, in typical moves: a price at a distance z
was reached if and only if the excursion was z or more. So the table is the distribution of excursions.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from levels.candles import Candles, FloatArray, IntArray, find_holes
from levels.evidence import true_ranges
from levels.params import Params
from levels.pivots import BoolArray
from levels.reach import (
    REACH_24,
    REACH_100,
    ReachTable,
    Volatility,
    interpolate,
    measure_volatility,
    typical_move,
)
from levels.rolling import rolling_max

WINDOW, STEP = 2000, 20
MIN_PAST = 300
"""Candles needed behind a moment."""
# fmt: off
SHARES = (
    0.96, 0.93, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.55, 0.5, 0.45, 0.4, 0.35, 0.3, 0.25, 0.2, 0.15,
    0.12, 0.09, 0.07, 0.05, 0.035, 0.025, 0.015, 0.01, 0.005, 0.0025,
)
# fmt: on
"""The shares at which a table has its knots."""
DISTANCES = (0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.3, 1.6, 2.0, 2.5, 3.0, 4.0)
"""Random prices are tried at these distances, in multiples of ATR x sqrt(candles) / 2."""


@dataclass(frozen=True, slots=True, eq=False)
class Excursions:
    """Moments of one series, (m,) each: open time (ms), volatility, and how far price got within the candles ahead."""

    time: IntArray
    volatility: tuple[Volatility, ...]
    up: dict[int, FloatArray]
    down: dict[int, FloatArray]

    def __len__(self) -> int:
        return int(self.time.size)

    def __getitem__(self, part: slice) -> "Excursions":
        return Excursions(
            self.time[part],
            self.volatility[part],
            {n: values[part] for n, values in self.up.items()},
            {n: values[part] for n, values in self.down.items()},
        )

    def units(self, table: ReachTable) -> FloatArray:
        """Return (m,) typical moves, as fractions of price."""
        return np.array([typical_move(one, table) for one in self.volatility])


def find_excursions(
    candles: Candles, params: Params, horizons: Sequence[int], *, step: int = STEP
) -> Excursions:
    """Measure the excursions after every `step`-th candle, and the volatility of the 2,000 candles before it."""
    longest = max(horizons)
    ends = np.arange(MIN_PAST, len(candles) - longest + 1, step)
    holes = np.concatenate(([0], find_holes(candles.time, params.max_hole), [len(candles) + 1]))
    place = np.searchsorted(holes, ends, side="right")
    begin, until = holes[place - 1], holes[place]
    keep = (ends - begin >= MIN_PAST) & (ends + longest <= until)
    ends, begin = ends[keep], np.maximum(begin[keep], ends[keep] - WINDOW)
    close, ranges = candles.close[ends - 1], true_ranges(candles)
    return Excursions(
        candles.time[ends - 1],
        tuple(
            measure_volatility(candles[a:b], ranges[a:b])
            for a, b in zip(begin.tolist(), ends.tolist(), strict=True)
        ),
        {n: np.maximum(rolling_max(candles.high, n)[ends] / close, 1.0) - 1.0 for n in horizons},
        {n: np.maximum(close / -rolling_max(-candles.low, n)[ends], 1.0) - 1.0 for n in horizons},
    )


def fit_table(series: Sequence[Excursions], candles: int, short: float) -> ReachTable:
    """Measure the table of one horizon: quantiles of the excursions, every series weighing the same.

    Without any series it is the table that `levels` ships.
    """
    if not series:
        return REACH_24 if candles == REACH_24.candles else REACH_100
    blank = ReachTable(candles, short, (), ())
    excursions, weights = [np.zeros(0)], [np.zeros(0)]
    for one in series:
        unit = one.units(blank)
        moving = unit > 0
        own = np.concatenate([side[candles][moving] / unit[moving] for side in (one.up, one.down)])
        excursions.append(own)
        weights.append(np.full(own.size, 1.0 / max(own.size, 1)))
    z, weight = np.concatenate(excursions), np.concatenate(weights)
    order = np.argsort(-z, kind="stable")
    exceeded = np.cumsum(weight[order]) / weight.sum()
    knots = [float(f"{z[order][np.searchsorted(exceeded, share)]:.4g}") for share in SHARES]
    return ReachTable(candles, short, (0.0, *knots), (1.0, *SHARES))


@dataclass(frozen=True, slots=True)
class Calibration:
    """How well probabilities foresaw what happened.

    error     mean |predicted - observed| over ten bins of equally many predictions; bias: predicted less observed
    skill     Brier skill: 1 - mean squared error / that of the base rate; auc: area under the ROC curve
    """

    n: int
    error: float
    bias: float
    skill: float
    auc: float


def calibrate(predicted: FloatArray, reached: BoolArray, bins: int = 10) -> Calibration:
    """Compare predictions with what happened; NaN where there is nothing to compare."""
    if predicted.size < bins:
        return Calibration(int(predicted.size), *(float("nan"),) * 4)
    order = np.argsort(predicted, kind="stable")
    parts = np.array_split(order, bins)
    error = (
        sum(abs(predicted[part].mean() - reached[part].mean()) * part.size for part in parts) / predicted.size
    )
    base = float(reached.mean())
    noise = float(((predicted - reached) ** 2).mean())
    skill = 1 - noise / (base * (1 - base)) if 0 < base < 1 else float("nan")
    return Calibration(
        int(predicted.size), float(error), float(predicted.mean() - base), skill, _area(predicted, reached)
    )


def _area(predicted: FloatArray, reached: BoolArray) -> float:
    """Return the area under the ROC curve, from mean ranks (Hanley & McNeil 1982); NaN for one class."""
    positive = int(reached.sum())
    if not 0 < positive < reached.size:
        return float("nan")
    _, place, count = np.unique(predicted, return_inverse=True, return_counts=True)
    rank = (np.cumsum(count) - (count - 1) / 2)[place]
    area = (rank[reached].sum() - positive * (positive + 1) / 2) / (positive * (reached.size - positive))
    return float(area)


def try_random_prices(series: Excursions, table: ReachTable) -> tuple[FloatArray, BoolArray]:
    """Return predictions of a table for prices at fixed distances, and which of them were reached."""
    unit = series.units(table)
    scale = np.array([one.long for one in series.volatility]) * sqrt(table.candles) / 2
    predicted, reached = [], []
    for multiple in DISTANCES:
        distance = multiple * scale
        with np.errstate(divide="ignore", invalid="ignore"):
            z = np.where(unit > 0, distance / unit, np.inf)
        for side in (series.up, series.down):
            predicted.append(interpolate(z, table))
            reached.append(side[table.candles] >= distance)
    return np.concatenate(predicted), np.concatenate(reached)


def split_at(series: Excursions, time: int) -> tuple[Excursions, Excursions]:
    """Return the moments before a time (ms), and those from it on."""
    cut = int(np.searchsorted(series.time, time))
    return series[:cut], series[cut:]


def try_later_years(
    series: Mapping[str, Excursions], candles: int, short: float
) -> tuple[FloatArray, BoolArray]:
    """Return the predictions for random prices of the later half of time of a table measured on the earlier half."""
    times = np.concatenate([np.zeros(0), *(one.time for one in series.values())])
    middle = int(np.median(times)) if times.size else 0
    halves = [split_at(one, middle) for one in series.values()]
    table = fit_table([early for early, _ in halves if len(early)], candles, short)
    return join_tries([try_random_prices(late, table) for _, late in halves])


def join_tries(tries: Iterable[tuple[FloatArray, BoolArray]]) -> tuple[FloatArray, BoolArray]:
    """Concatenate predictions, and what happened."""
    parts = list(tries)
    return (
        np.concatenate([np.zeros(0), *(predicted for predicted, _ in parts)]),
        np.concatenate([np.zeros(0, dtype=np.bool_), *(reached for _, reached in parts)]),
    )


def leave_one_out(
    series: Mapping[str, Excursions], candles: int, short: float
) -> dict[str, tuple[FloatArray, BoolArray]]:
    """Return for every series the predictions for random prices of a table measured on the others."""
    return {
        name: try_random_prices(
            own, fit_table([other for key, other in series.items() if key != name], candles, short)
        )
        for name, own in series.items()
    }
