"""What is missing, as fetches: consecutive candles of a timeframe are one call, and nothing else is fetched. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from producers.feed.minutes import Cause
from schemas.market import candle_end

MAX_FETCH = 1_000
"""Candles of one fetch: a page of the larger exchanges."""


@dataclass(frozen=True, slots=True)
class MissingCandle:
    """A candle to fetch. `time`: its open time in ms."""

    timeframe: str
    time: int
    cause: Cause


@dataclass(frozen=True, slots=True)
class Fetch:
    """The candles of `timeframe` that open at `times` (ms), which are consecutive; `causes`: how many for which."""

    timeframe: str
    times: tuple[int, ...]
    causes: Mapping[Cause, int]

    @property
    def first(self) -> int:
        return self.times[0]

    @property
    def end(self) -> int:
        """Where (ms) the last of the candles ends."""
        return candle_end(self.times[-1], self.timeframe)


def plan_fetches(missing: Iterable[MissingCandle]) -> list[Fetch]:
    """Return the fewest fetches that cover `missing` and nothing else, shorter timeframes and older candles first."""
    by_place = {(one.timeframe, one.time): one for one in missing}
    ordered = sorted(by_place.values(), key=lambda one: (candle_end(0, one.timeframe), one.time))
    runs: list[list[MissingCandle]] = []
    for one in ordered:
        if runs and _continues(runs[-1], one):
            runs[-1].append(one)
        else:
            runs.append([one])
    return [
        Fetch(run[0].timeframe, tuple(one.time for one in run), Counter(one.cause for one in run))
        for run in runs
    ]


def _continues(run: list[MissingCandle], one: MissingCandle) -> bool:
    last = run[-1]
    adjacent = last.timeframe == one.timeframe and candle_end(last.time, last.timeframe) == one.time
    return adjacent and len(run) < MAX_FETCH
