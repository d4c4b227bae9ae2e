"""Series that wait to be analysed, in the order of when they should be: of a burst the shortest candles first. Pure."""

from heapq import heappop, heappush
from itertools import count

from consumers.analyzer.analysis_process import AnalysisJob

_SHARE = 60
"""A series should wait for at most this part of its candle: 1 s of a minute."""

_MAX_WAIT = 30.0
"""Seconds; more than a burst takes. Nothing that arrives later is analysed before one that has waited as long."""


class AnalysisQueue:
    """Among series that are due at the same time the first in is the first out."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, AnalysisJob]] = []
        self._numbers = count()

    def __len__(self) -> int:
        return len(self._heap)

    def put(self, job: AnalysisJob, now: float) -> None:
        """Add a job that arrives at `now` (seconds of a clock that never goes back)."""
        due = now + min(_newest_step(job) / 1_000 / _SHARE, _MAX_WAIT)
        heappush(self._heap, (due, next(self._numbers), job))

    def take(self) -> AnalysisJob:
        """Return the next job. Raises IndexError where there is none."""
        return heappop(self._heap)[-1]


def _newest_step(job: AnalysisJob) -> int:
    """Return the length (ms) of the newest candle, as far as two candles show it."""
    times = job.series.closed.time
    return int(times[-1] - times[-2]) if times.size > 1 else 0
