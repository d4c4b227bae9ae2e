"""Walk-forward evaluation of levels against random prices at the same distances (placebos).

At every `step` candles the levels of the last `window` are computed, and the next candles decide their
outcome. Nothing of the future enters the levels, the ATR or the placebos' distances.

Two placebos, because a level may hold only for the reason that most prices do:
moment   the distances and sides of the levels reported at another, random moment of the same series
jitter   the same sides at 0.5 to 1.5 times the same distances
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from levels.analysis import analyze
from levels.candles import Candles, FloatArray, IntArray
from levels.evaluation.features import FEATURES, compute_features
from levels.evaluation.intervals import Sample
from levels.evaluation.outcomes import NO_OUTCOME, Outcomes, find_outcomes
from levels.evidence import relative_atr
from levels.params import Params
from levels.pivots import BoolArray
from levels.results import Analysis, Level
from levels.scoring import price_ratio

PLACEBOS = ("moment", "jitter")
OURS = -1
"""The kind of a trial of a level of ours; a placebo's is its place in PLACEBOS."""
MOMENT, JITTER = range(len(PLACEBOS))
Analyzer = Callable[[Candles, Params], Analysis]
"""Computes levels: `analyze`, or a method of another package."""

ATR_CANDLES = 300
"""The latest candles that an ATR is computed from."""


@dataclass(frozen=True, slots=True)
class WalkSettings:
    """Settings of a walk: candles per window, between moments, and ahead; placebos per level and kind."""

    window: int = 2000
    step: int = 20
    horizon: int = 100
    placebos: int = 2
    block_ms: int = 30 * 86_400_000
    seed: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class ReportedLevels:
    """Levels as reported at one moment: (k,) prices, which of them are supports, and the last price then."""

    prices: FloatArray
    support: BoolArray
    last: float


@dataclass(frozen=True, slots=True, eq=False)
class Trials:
    """Touched levels and placebos, (n,) each.

    kind      OURS, or an index into PLACEBOS
    distance  from the last close when the level was reported, in ATR
    block     of calendar time, the same for all series, so that markets moving together count together
    touched_at, price    when, in ms, and at what price: two trials that agree in both are one touch, predicted twice
    outcomes  (n, 3) int8, see levels.evaluation.outcomes
    features  (n, f) of the level, see FEATURES; a jitter has those of the level it was made from, a moment NaN
    """

    kind: IntArray
    distance: FloatArray
    block: IntArray
    touched_at: IntArray
    price: FloatArray
    outcomes: Outcomes
    features: FloatArray

    def __len__(self) -> int:
        return int(self.kind.size)

    def __getitem__(self, which: np.ndarray) -> "Trials":
        return Trials(*(getattr(self, name)[which] for name in _NAMES))

    def count_distinct_touches(self) -> int:
        """Return the number of different touches."""
        return int(
            np.unique(np.column_stack((self.touched_at.astype(np.float64), self.price)), axis=0).shape[0]
        )

    def sample(self, kind: int, outcome: int, which: BoolArray | None = None) -> Sample:
        """Return the decided trials of a kind by one outcome, optionally only some of them."""
        chosen = (self.kind == kind) & (self.outcomes[:, outcome] != NO_OUTCOME)
        if which is not None:
            chosen &= which
        held = self.outcomes[chosen, outcome].astype(np.int64)
        return Sample(held, self.distance[chosen], self.block[chosen])


_NAMES = ("kind", "distance", "block", "touched_at", "price", "outcomes", "features")


def walk_forward(
    candles: Candles, params: Params, walk: WalkSettings = WalkSettings(), *, analyzer: Analyzer = analyze
) -> Trials:
    """Return all trials of one series; empty when it is shorter than window + horizon.

    A touch that several moments predicted counts at each, for ours and placebos alike: keeping only the first would
    favour levels that were just found.
    """
    moments = np.arange(walk.window, len(candles) - walk.horizon + 1, walk.step)
    reported = [analyzer(candles[at - walk.window : at], params).levels for at in moments.tolist()]
    rng = np.random.default_rng(walk.seed)
    parts: list[Trials] = []
    known = [
        ReportedLevels(*prices_and_sides(levels), float(candles.close[at - 1]))
        for levels, at in zip(reported, moments.tolist(), strict=True)
    ]
    for index, at in enumerate(moments.tolist()):
        past = candles[at - walk.window : at]
        atr = relative_atr(past[-ATR_CANDLES:], params.atr_window)
        features = compute_features(reported[index], past, atr, params)
        for kind, levels in draw_candidates(index, known, tick_size(past), rng, walk):
            own = features if kind in {OURS, JITTER} else None
            parts.append(evaluate_levels(candles, at, levels, own, kind, float(atr[-1]), walk))
    return join_trials([part for part in parts if len(part)])


def join_trials(parts: list[Trials]) -> Trials:
    """Concatenate trials."""
    if parts:
        return Trials(*(np.concatenate([getattr(part, name) for part in parts]) for name in _NAMES))
    whole, real = np.zeros(0, dtype=np.int64), np.zeros(0)
    outcomes = np.zeros((0, 3), dtype=np.int8)
    return Trials(whole, real, whole, whole, real, outcomes, np.zeros((0, len(FEATURES))))


def draw_candidates(
    index: int, known: Sequence[ReportedLevels], tick: float, rng: np.random.Generator, walk: WalkSettings
) -> Iterator[tuple[int, ReportedLevels]]:
    """Yield the levels of a moment and then its placebos, each with its kind; `known` are all moments of the series."""
    now = known[index]
    yield OURS, now
    for _ in range(walk.placebos):
        other = known[int(rng.integers(len(known)))]
        moved = other.prices * (now.last / other.last)
        yield MOMENT, ReportedLevels(round_to_tick(moved, tick), other.support, now.last)
        stretched = now.last * (now.prices / now.last) ** rng.uniform(0.5, 1.5, now.prices.size)
        yield JITTER, ReportedLevels(round_to_tick(stretched, tick), now.support, now.last)


def tick_size(candles: Candles) -> float:
    """Return the smallest distance of two prices in the candles; 0 when there is only one price."""
    prices = np.unique(np.concatenate((candles.high, candles.low, candles.close)))
    return float(np.diff(prices).min()) if prices.size > 1 else 0.0


def round_to_tick(prices: FloatArray, tick: float) -> FloatArray:
    """Round prices to the market's ticks, as ours are: a price between ticks is touched only when crossed."""
    return np.round(prices / tick) * tick if tick > 0 else prices


def prices_and_sides(levels: Sequence[Level]) -> tuple[FloatArray, BoolArray]:
    """Return (k,) prices, and which of them are supports."""
    prices = np.array([level.price for level in levels], dtype=np.float64)
    return prices, np.array([level.side == "support" for level in levels], dtype=np.bool_)


def evaluate_levels(
    candles: Candles,
    at: int,
    reported: ReportedLevels,
    features: FloatArray | None,
    kind: int,
    atr: float,
    walk: WalkSettings,
) -> Trials:
    """Return the trials of levels from candle `at` on. `atr` is a fraction of price, known at that moment."""
    change = float(np.abs(np.diff(candles.close[max(0, at - 101) : at])).mean())
    found = find_outcomes(
        candles, at, reported.prices, reported.support, reported.last * atr, change, walk.horizon
    )
    touched = np.flatnonzero(found.touch >= 0)
    nothing = np.full((touched.size, len(FEATURES)), np.nan)
    return Trials(
        np.full(touched.size, kind),
        (price_ratio(reported.prices[touched], reported.last) - 1.0) / max(atr, 1e-12),
        np.full(touched.size, int(candles.time[at - 1]) // walk.block_ms),
        candles.time[at + found.touch[touched]],
        reported.prices[touched],
        found.outcomes[touched],
        nothing if features is None else features[touched],
    )
