"""Outcomes of published levels in the candles that came after, beside those of placebos.

As in `walk_forward`, but for the levels that subscribers received at the time, which are not recomputed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from levels.candles import Candles, candle_period
from levels.evaluation.walk_forward import (
    ATR_CANDLES,
    ReportedLevels,
    Trials,
    WalkSettings,
    draw_candidates,
    evaluate_levels,
    join_trials,
    tick_size,
)
from levels.evidence import relative_atr
from levels.params import Params

EARLY_SHARE = 0.05
"""A publication no later than this fraction into a candle counts as known for the whole candle."""

ATR_WINDOW = Params().atr_window

MIN_PAST = 30
"""Candles needed before a publication to compute an ATR."""


@dataclass(frozen=True, slots=True, eq=False)
class Publication:
    """Levels and the time (ms) of their publication; `candle_at` is the open time of the last candle they used."""

    at: int
    candle_at: int
    reported: ReportedLevels


@dataclass(frozen=True, slots=True)
class PublishedOutcomes:
    """Trials of the publications that could be evaluated; the others are counted by reason."""

    trials: Trials
    judged: int
    without_past: int
    too_young: int


def evaluate_publications(
    candles: Candles, publications: Sequence[Publication], *, walk: WalkSettings, atr_window: int = ATR_WINDOW
) -> PublishedOutcomes:
    """Evaluate the publications of one market, given in any order.

    The first publication of each candle counts. It is evaluated on the candles that opened after it (or just before,
    see EARLY_SHARE) if there are `walk.horizon` of them; placebos are those of `walk_forward`, a moment being another
    publication.
    """
    first = _first_of_each_candle(publications)
    rng, tick = np.random.default_rng(walk.seed), tick_size(candles)
    known = [one.reported for one in first]
    parts: list[Trials] = []
    without_past = too_young = 0
    for index, one in enumerate(first):
        at, past = _next_candle(candles, one.at), _count_available(candles, one.candle_at)
        if past < MIN_PAST:
            without_past += 1
        elif at + walk.horizon > len(candles):
            too_young += 1
        else:
            atr = float(relative_atr(candles[max(0, past - ATR_CANDLES) : past], atr_window)[-1])
            for kind, reported in draw_candidates(index, known, tick, rng, walk):
                parts.append(evaluate_levels(candles, at, reported, None, kind, atr, walk))
    judged = len(first) - without_past - too_young
    return PublishedOutcomes(
        join_trials([part for part in parts if len(part)]), judged, without_past, too_young
    )


def _first_of_each_candle(publications: Sequence[Publication]) -> list[Publication]:
    first: dict[int, Publication] = {}
    for one in sorted(publications, key=lambda one: one.at):
        first.setdefault(one.candle_at, one)
    return list(first.values())


def _next_candle(candles: Candles, at: int) -> int:
    """Return the index of the first candle that lies (nearly) wholly after the time `at` (ms)."""
    allowance = int(EARLY_SHARE * candle_period(candles.time))
    return int(np.searchsorted(candles.time, at - allowance, side="left"))


def _count_available(candles: Candles, candle_at: int) -> int:
    """Return how many of the candles the analysis could use."""
    return int(np.searchsorted(candles.time, candle_at, side="right"))
