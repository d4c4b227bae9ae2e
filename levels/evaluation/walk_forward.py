"""Evaluation: are the levels of a moment worth more, afterwards, than random ones as far away?

Walk forward: at every `step` candles the levels of the last `window` are computed, and the next candles tell
their fate. Nothing of the future enters the levels, the ATR or the placebos' distances.

Two placebos, for a level that held may have done so only because most prices do:
moment   the distances and sides of the levels reported at another, random moment of the same series
jitter   the same sides at 0.5 to 1.5 times the same distances
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from levels.analysis import analyze
from levels.candles import Candles, FloatArray, IntArray
from levels.evaluation.features import FEATURES, describe
from levels.evaluation.intervals import Sample
from levels.evaluation.outcomes import NEVER, Outcomes, fates
from levels.evidence import BoolArray, relative_atr
from levels.params import Params
from levels.results import Level
from levels.scoring import ratio_to

PLACEBOS = ("moment", "jitter")
OURS = -1
"""The kind of a trial of a level of ours; a placebo's is its place in PLACEBOS."""
MOMENT, JITTER = range(len(PLACEBOS))
RECENT = 300
"""So many of the latest candles are enough for an ATR."""


@dataclass(frozen=True, slots=True)
class Walk:
    """How to walk: candles to look back on, between moments, and ahead; placebos per level and kind."""

    window: int = 2000
    step: int = 20
    horizon: int = 100
    placebos: int = 2
    block_ms: int = 30 * 86_400_000
    seed: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """Levels as they were told: (k,) prices, which are supports, and the last price then."""

    prices: FloatArray
    support: BoolArray
    last: float


@dataclass(frozen=True, slots=True, eq=False)
class Trials:
    """Touched levels and placebos, (n,) each.

    kind      OURS, or an index into PLACEBOS
    distance  from the last close when the level was told, in ATR
    block     of calendar time, the same for all series, so that markets moving together count together
    touched_at, price    when, in ms, and at what price: two trials that agree in both are one touch, foreseen twice
    outcomes  (n, 3) int8, see levels.outcomes
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

    def distinct(self) -> int:
        """How many touches these are, each counted once."""
        return int(
            np.unique(np.column_stack((self.touched_at.astype(np.float64), self.price)), axis=0).shape[0]
        )

    def sample(self, kind: int, outcome: int, which: BoolArray | None = None) -> Sample:
        """The decided trials of a kind by one outcome, all of them or some."""
        chosen = (self.kind == kind) & (self.outcomes[:, outcome] != NEVER)
        if which is not None:
            chosen &= which
        held = self.outcomes[chosen, outcome].astype(np.int64)
        return Sample(held, self.distance[chosen], self.block[chosen])


_NAMES = ("kind", "distance", "block", "touched_at", "price", "outcomes", "features")


def walk_forward(candles: Candles, params: Params, walk: Walk = Walk()) -> Trials:
    """All trials of one series. A touch that several moments foresaw counts at each, for ours and placebos alike:
    to keep the first only would favour levels just found. Empty when the series is shorter than window + horizon.
    """
    moments = np.arange(walk.window, len(candles) - walk.horizon + 1, walk.step)
    told = [analyze(candles[at - walk.window : at], params).levels for at in moments.tolist()]
    rng = np.random.default_rng(walk.seed)
    parts: list[Trials] = []
    known = [
        Told(*prices_of(levels), float(candles.close[at - 1]))
        for levels, at in zip(told, moments.tolist(), strict=True)
    ]
    for index, at in enumerate(moments.tolist()):
        past = candles[at - walk.window : at]
        atr = relative_atr(past[-RECENT:], params.atr_window)
        features = describe(told[index], past, atr, params)
        for kind, levels in candidates(index, known, tick_of(past), rng, walk):
            own = features if kind in {OURS, JITTER} else None
            parts.append(tried(candles, at, levels, own, kind, float(atr[-1]), walk))
    return joined([part for part in parts if len(part)])


def joined(parts: list[Trials]) -> Trials:
    """Several trials as one."""
    if parts:
        return Trials(*(np.concatenate([getattr(part, name) for part in parts]) for name in _NAMES))
    whole, real = np.zeros(0, dtype=np.int64), np.zeros(0)
    outcomes = np.zeros((0, 3), dtype=np.int8)
    return Trials(whole, real, whole, whole, real, outcomes, np.zeros((0, len(FEATURES))))


def candidates(
    index: int, known: Sequence[Told], tick: float, rng: np.random.Generator, walk: Walk
) -> Iterator[tuple[int, Told]]:
    """The levels of a moment and then its placebos, each with its kind; `known` are all moments of the series."""
    now = known[index]
    yield OURS, now
    for _ in range(walk.placebos):
        other = known[int(rng.integers(len(known)))]
        moved = other.prices * (now.last / other.last)
        yield MOMENT, Told(on_grid(moved, tick), other.support, now.last)
        stretched = now.last * (now.prices / now.last) ** rng.uniform(0.5, 1.5, now.prices.size)
        yield JITTER, Told(on_grid(stretched, tick), now.support, now.last)


def tick_of(candles: Candles) -> float:
    """The smallest distance of two prices in the candles; 0 when there is but one price."""
    prices = np.unique(np.concatenate((candles.high, candles.low, candles.close)))
    return float(np.diff(prices).min()) if prices.size > 1 else 0.0


def on_grid(prices: FloatArray, tick: float) -> FloatArray:
    """Prices on the market's grid, as ours are: one between two ticks would be touched only by being passed."""
    return np.round(prices / tick) * tick if tick > 0 else prices


def prices_of(levels: Sequence[Level]) -> tuple[FloatArray, BoolArray]:
    """(k,) prices, and which of them are supports."""
    prices = np.array([level.price for level in levels], dtype=np.float64)
    return prices, np.array([level.side == "support" for level in levels], dtype=np.bool_)


def tried(
    candles: Candles, at: int, told: Told, features: FloatArray | None, kind: int, atr: float, walk: Walk
) -> Trials:
    """What became of levels from candle `at` on. `atr` is a fraction of price, known when they were told."""
    change = float(np.abs(np.diff(candles.close[max(0, at - 101) : at])).mean())
    fate = fates(candles, at, told.prices, told.support, told.last * atr, change, walk.horizon)
    touched = np.flatnonzero(fate.touch >= 0)
    nothing = np.full((touched.size, len(FEATURES)), np.nan)
    return Trials(
        np.full(touched.size, kind),
        (ratio_to(told.prices[touched], told.last) - 1.0) / max(atr, 1e-12),
        np.full(touched.size, int(candles.time[at - 1]) // walk.block_ms),
        candles.time[at + fate.touch[touched]],
        told.prices[touched],
        fate.outcomes[touched],
        nothing if features is None else features[touched],
    )
