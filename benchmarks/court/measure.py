"""Try one method: its levels at random moments of some series, and what price did with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter

import numpy as np

from consumers.analyzer.methods import MethodFailed
from consumers.analyzer.methods.analysis import to_analysis
from consumers.analyzer.methods.process import MethodProcess
from levels import Candles, Level, Params
from levels.evaluation.hold_rates import RACE
from levels.evaluation.intervals import RESAMPLES, Difference, compare_rates
from levels.evaluation.walk_forward import (
    ATR_CANDLES,
    JITTER,
    OURS,
    ReportedLevels,
    Trials,
    WalkSettings,
    evaluate_levels,
    join_trials,
    prices_and_sides,
    round_to_tick,
    tick_size,
)
from levels.evidence import relative_atr

NEAR_ATR = 3.0
SAME = 1e-9
"""Two prices within this ratio are one level."""


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its 95 % interval from a bootstrap over series and months; NaN where there is nothing."""

    value: float
    low: float
    high: float


@dataclass(slots=True)
class Tally:
    """Counts of every moment, each a row of (some, of all), with the block of time that it belongs to."""

    rows: list[tuple[int, int]] = field(default_factory=list)
    blocks: list[tuple[str, int]] = field(default_factory=list)

    def add(self, some: int, total: int, block: tuple[str, int]) -> None:
        self.rows.append((some, total))
        self.blocks.append(block)

    def share(self, seed: int = 1) -> Share:
        """Return the share of all, and its interval."""
        names = {block: number for number, block in enumerate(dict.fromkeys(self.blocks))}
        sums = np.zeros((len(names), 2))
        for row, block in zip(self.rows, self.blocks, strict=True):
            sums[names[block]] += row
        if not sums[:, 1].sum():
            return Share(*(float("nan"),) * 3)
        draws = np.random.default_rng(seed).multinomial(
            len(names), np.full(len(names), 1 / len(names)), RESAMPLES
        )
        drawn = draws @ sums
        low, high = np.quantile(drawn[:, 0] / np.maximum(drawn[:, 1], 1), [0.025, 0.975]).tolist()
        return Share(float(sums[:, 0].sum() / sums[:, 1].sum()), low, high)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is printed of a method; `failed` calls are left out of everything else.

    withdrawn   levels gone a candle later although price traded nowhere near them meanwhile
    reach       mean p_reach_100 of its levels: what a random price as far away gives for `touched`
    """

    held: Difference
    touched: Share
    reach: float
    far: Share
    kept_1: Share
    kept_20: Share
    withdrawn: Share
    levels: float
    milliseconds: float
    failed: int


def try_method(
    name: str, process: MethodProcess, series: Mapping[str, Candles], walk: WalkSettings, moments: int
) -> Verdict:
    """Call a method at the same moments of every series as every other."""
    touched, far, kept_1, kept_20, withdrawn = (Tally() for _ in range(5))
    trials: list[Trials] = []
    seconds: list[float] = []
    reach: list[float] = []
    failed = 0
    for key, candles in series.items():
        window = min(walk.window, len(candles) // 2)
        ends = np.random.default_rng(walk.seed).integers(window, len(candles) - 2 * walk.horizon, moments)
        for end in ends.tolist():
            try:
                now, later, much_later = (
                    _call(name, process, candles[end - window + add : end + add], seconds)
                    for add in (0, 1, 20)
                )
            except MethodFailed:
                failed += 1
                continue
            block = (key, int(candles.time[end - 1]) // walk.block_ms)
            prices, support = prices_and_sides(now)
            last, ahead = float(candles.close[end - 1]), candles[end : end + walk.horizon]
            atr = float(relative_atr(candles[end - ATR_CANDLES : end], Params().atr_window)[-1])
            away = np.abs(np.log(prices / last))
            hit = np.where(support, ahead.low.min() <= prices, ahead.high.max() >= prices)
            near = away <= NEAR_ATR * atr
            touched.add(int(hit.sum()), prices.size, block)
            far.add(sum(not (near & side).any() for side in (support, ~support)), 2, block)
            gone = ~_are_among(prices, later)
            kept_1.add(int((~gone).sum()), prices.size, block)
            kept_20.add(int(_are_among(prices, much_later).sum()), prices.size, block)
            withdrawn.add(int((gone & (away > atr)).sum()), prices.size, block)
            reach += [level.p_reach_100 for level in now]
            trials += _try_both(candles, end, ReportedLevels(prices, support, last), atr, walk)
    joined = join_trials([part for part in trials if len(part)])
    return Verdict(
        held=compare_rates(joined.sample(OURS, RACE), joined.sample(JITTER, RACE)),
        touched=touched.share(),
        reach=float(np.mean(reach)) if reach else float("nan"),
        far=far.share(),
        kept_1=kept_1.share(),
        kept_20=kept_20.share(),
        withdrawn=withdrawn.share(),
        levels=sum(total for _, total in touched.rows) / max(len(touched.rows), 1),
        milliseconds=median(seconds) * 1e3 if seconds else float("nan"),
        failed=failed,
    )


def _call(name: str, process: MethodProcess, candles: Candles, seconds: list[float]) -> tuple[Level, ...]:
    begin = perf_counter()
    rows = process.call(candles)
    seconds.append(perf_counter() - begin)
    return to_analysis(name, rows, candles, Params()).levels


def _are_among(prices: np.ndarray, levels: Sequence[Level]) -> np.ndarray:
    others = np.array([level.price for level in levels])
    if not others.size:
        return np.zeros(prices.size, dtype=np.bool_)
    ratio = prices[:, None] / others
    among: np.ndarray = (np.maximum(ratio, 1 / ratio).min(axis=1) - 1) <= SAME
    return among


def _try_both(
    candles: Candles, end: int, levels: ReportedLevels, atr: float, walk: WalkSettings
) -> list[Trials]:
    """Return the trials of the levels, and of random prices at 0.5 to 1.5 times their distances."""
    rng = np.random.default_rng(end)
    parts = [evaluate_levels(candles, end, levels, None, OURS, atr, walk)]
    for _ in range(walk.placebos):
        stretched = levels.last * (levels.prices / levels.last) ** rng.uniform(0.5, 1.5, levels.prices.size)
        prices = round_to_tick(stretched, tick_size(candles[end - 200 : end]))
        placebo = ReportedLevels(prices, levels.support, levels.last)
        parts.append(evaluate_levels(candles, end, placebo, None, JITTER, atr, walk))
    return parts
