"""Measure stability: whether levels keep their identity, and their evidence, when candles are added."""

from dataclasses import dataclass

import numpy as np

from levels.analysis import analyze, visits_by_level
from levels.candles import Candles
from levels.matching import match
from levels.params import Params


@dataclass(frozen=True, slots=True)
class LevelRetention:
    """Of `reported` levels: how many are reported again with the same id, and how many are found by `match`."""

    reported: int
    by_id: int
    by_match: int

    def __add__(self, other: "LevelRetention") -> "LevelRetention":
        return LevelRetention(
            self.reported + other.reported, self.by_id + other.by_id, self.by_match + other.by_match
        )


def measure_retention(
    candles: Candles, params: Params, added: int, *, window: int = 2000, moments: int = 100, seed: int = 1
) -> LevelRetention:
    """Compare levels with those `added` candles later, the window of `window` candles sliding, at random moments."""
    total = LevelRetention(0, 0, 0)
    if len(candles) <= window + added:
        return total
    ends = np.random.default_rng(seed).integers(window, len(candles) - added, moments)
    for end in ends.tolist():
        before = analyze(candles[end - window : end], params).levels
        after = analyze(candles[end - window + added : end + added], params).levels
        found = match(before, after)
        total += LevelRetention(len(before), sum(was == now for was, now in found.items()), len(found))
    return total


def count_repaints(candles: Candles, params: Params, *, shortest: int = 100) -> tuple[int, int]:
    """Replay every prefix of the candles; return (decided visits compared, visits that a longer prefix changed)."""
    reported: dict[str, tuple[object, ...]] = {}
    count = wrong = 0
    for n in range(shortest, len(candles) + 1):
        for name, found in visits_by_level(candles[:n], params).items():
            decided = tuple(
                (v.at, v.until, v.side, v.outcome, v.relative_volume)
                for v in found
                if v.outcome != "undecided"
            )
            before = reported.get(name, ())
            count += len(before)
            wrong += sum(one != two for one, two in zip(before, decided, strict=False))
            wrong += max(len(before) - len(decided), 0)
            reported[name] = decided
    return count, wrong
