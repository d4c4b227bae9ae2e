"""What published levels were worth: their fate in the candles that came after, beside that of placebos.

As in `evaluation`, but for levels that were told to subscribers at the time, and not computed anew: nobody can have
improved them since.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from levels.candles import Candles, period_of
from levels.evaluation.walk_forward import RECENT, Told, Trials, Walk, candidates, joined, tick_of, tried
from levels.evidence import relative_atr
from levels.params import Params

EARLY = 0.05
"""A publication so far into a candle, as a part of its length, was there for all of it."""

ATR_WINDOW = Params().atr_window

LEAST_PAST = 30
"""Candles before a publication without which there is no ATR to measure by."""


@dataclass(frozen=True, slots=True, eq=False)
class Published:
    """Levels, and when (ms) they were told: `candle_at` opened the last candle they were computed from."""

    at: int
    candle_at: int
    told: Told


@dataclass(frozen=True, slots=True)
class Scored:
    """`trials` of the publications that could be judged; of the others how many came too early or too late."""

    trials: Trials
    judged: int
    without_past: int
    too_young: int


def score(
    candles: Candles, publications: Sequence[Published], *, walk: Walk, atr_window: int = ATR_WINDOW
) -> Scored:
    """The fates of what was published of one market; `publications` in any order.

    Of a candle that was analysed several times the first publication counts. One is judged by the candles that opened
    after it (or just before, see EARLY), if there are `walk.horizon` of them; placebos are those of `evaluation`, a
    moment being another publication.
    """
    first = _first_of_each_candle(publications)
    rng, tick = np.random.default_rng(walk.seed), tick_of(candles)
    known = [one.told for one in first]
    parts: list[Trials] = []
    without_past = too_young = 0
    for index, one in enumerate(first):
        at, past = _next_candle(candles, one.at), _seen(candles, one.candle_at)
        if past < LEAST_PAST:
            without_past += 1
        elif at + walk.horizon > len(candles):
            too_young += 1
        else:
            atr = float(relative_atr(candles[max(0, past - RECENT) : past], atr_window)[-1])
            for kind, told in candidates(index, known, tick, rng, walk):
                parts.append(tried(candles, at, told, None, kind, atr, walk))
    judged = len(first) - without_past - too_young
    return Scored(joined([part for part in parts if len(part)]), judged, without_past, too_young)


def _first_of_each_candle(publications: Sequence[Published]) -> list[Published]:
    first: dict[int, Published] = {}
    for one in sorted(publications, key=lambda one: one.at):
        first.setdefault(one.candle_at, one)
    return list(first.values())


def _next_candle(candles: Candles, at: int) -> int:
    """The index of the first candle that lies after the time `at` (ms), all of it or nearly."""
    allowance = int(EARLY * period_of(candles.time))
    return int(np.searchsorted(candles.time, at - allowance, side="left"))


def _seen(candles: Candles, candle_at: int) -> int:
    """How many of the candles were there for the analysis."""
    return int(np.searchsorted(candles.time, candle_at, side="right"))
