"""Series that wait to be analysed, those of the shortest candles first: they are out of date the soonest. Pure."""

from heapq import heappop, heappush
from itertools import count

from consumers.analyzer.analysis_process import AnalysisJob


class AnalysisQueue:
    """Among series of equal candles the first in is the first out."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, AnalysisJob]] = []
        self._numbers = count()

    def __len__(self) -> int:
        return len(self._heap)

    def put(self, job: AnalysisJob) -> None:
        heappush(self._heap, (_newest_step(job), next(self._numbers), job))

    def take(self) -> AnalysisJob:
        """Return the next job. Raises IndexError where there is none."""
        return heappop(self._heap)[-1]


def _newest_step(job: AnalysisJob) -> int:
    """Return the length (ms) of the newest candle, as far as two candles show it."""
    times = job.series.closed.time
    return int(times[-1] - times[-2]) if times.size > 1 else 0
