"""Figures of the benchmarks: what every section in `benchmarks/` returns from `measure()`, and `make bench` tabulates.

A section is a module with `measure() -> list[Figure]`. What it compares takes turns: a round of ours, a round of the
baseline, and again, so that a slow moment of the machine falls on both.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median


class SectionUnavailableError(Exception):
    """What a section needs is not on this machine; the text is what the table shows in its place."""


@dataclass(frozen=True)
class Figure:
    """One row of docs/performance.md; `ratio` is oriented so that more is better.

    `spread_low` and `spread_high` are the smallest and the largest ratio of a pair of rounds, or of the value where
    there is no baseline. `per_cpu_*` are the same by CPU second instead of second by the clock.
    """

    name: str
    unit: str
    value: float
    baseline: float | None = None
    ratio: float | None = None
    spread_low: float | None = None
    spread_high: float | None = None
    per_cpu_value: float | None = None
    per_cpu_baseline: float | None = None
    per_cpu_ratio: float | None = None
    note: str = ""


@dataclass
class Round:
    """What one round did: `count` units in `seconds` by the clock and `cpu_seconds` of this process."""

    count: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0

    @property
    def rate(self) -> float:
        return self.count / self.seconds

    @property
    def cpu_rate(self) -> float:
        return self.count / self.cpu_seconds


@contextmanager
def time_round(count: int) -> Iterator[Round]:
    """Time the block as a round of `count` units; the block may correct `count`."""
    timed = Round(count)
    began, cpu_began = time.perf_counter(), time.process_time()
    yield timed
    timed.seconds = time.perf_counter() - began
    timed.cpu_seconds = time.process_time() - cpu_began


def compare_rates(
    name: str, unit: str, ours: Sequence[Round], baseline: Sequence[Round], note: str = ""
) -> Figure:
    """Return the medians of rounds that took turns, ours and the baseline's, as one figure; more is better."""
    ratios = [own.rate / other.rate for own, other in zip(ours, baseline, strict=True)]
    cpu_ratios = [own.cpu_rate / other.cpu_rate for own, other in zip(ours, baseline, strict=True)]
    return Figure(
        name,
        unit,
        value=median(one.rate for one in ours),
        baseline=median(one.rate for one in baseline),
        ratio=median(ratios),
        spread_low=min(ratios),
        spread_high=max(ratios),
        per_cpu_value=median(one.cpu_rate for one in ours),
        per_cpu_baseline=median(one.cpu_rate for one in baseline),
        per_cpu_ratio=median(cpu_ratios),
        note=note,
    )
