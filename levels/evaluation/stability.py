"""Measure stability: whether levels keep their identity, and their evidence, when the window slides."""

from dataclasses import dataclass

import numpy as np

from levels.analysis import analyze, visits_by_level
from levels.candles import Candles
from levels.evaluation.walk_forward import Analyzer
from levels.matching import match
from levels.params import Params
from levels.visits import Visit


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
    candles: Candles,
    params: Params,
    added: int,
    *,
    window: int = 2000,
    moments: int = 100,
    seed: int = 1,
    analyzer: Analyzer = analyze,
) -> LevelRetention:
    """Compare levels with those `added` candles later, the window of `window` candles sliding, at random moments."""
    total = LevelRetention(0, 0, 0)
    if len(candles) <= window + added:
        return total
    ends = np.random.default_rng(seed).integers(window, len(candles) - added, moments)
    for end in ends.tolist():
        before = analyzer(candles[end - window : end], params).levels
        after = analyzer(candles[end - window + added : end + added], params).levels
        found = match(before, after)
        total += LevelRetention(len(before), sum(was == now for was, now in found.items()), len(found))
    return total


def count_repaints(
    candles: Candles, params: Params, *, window: int = 2000, slides: int = 400
) -> tuple[int, int]:
    """Slide the window over the last candles; return (decided visits compared, visits that changed).

    Every visit is compared with its first report, each time its level is in the window again.
    """
    first: dict[str, dict[int, tuple[object, ...]]] = {}
    count = changed = 0
    for end in range(max(window, len(candles) - slides), len(candles) + 1):
        for name, visits in visits_by_level(candles[end - window : end], params).items():
            seen = {visit.at: _facts(visit) for visit in visits if visit.outcome != "undecided"}
            known = first.setdefault(name, {})
            count += len(known)
            changed += sum(seen.get(at) != facts for at, facts in known.items())
            first[name] = seen | known
    return count, changed


def _facts(visit: Visit) -> tuple[object, ...]:
    return visit.until, visit.side, visit.outcome, visit.relative_volume
