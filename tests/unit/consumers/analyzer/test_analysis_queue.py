"""Which of the waiting series is analysed next."""

import asyncio

import pytest

from consumers.analyzer.analysis_process import AnalysisJob
from consumers.analyzer.analysis_queue import AnalysisQueue
from exchanges.ports import Series
from levels import Candles, Params

MINUTE, HOUR = 60_000, 3_600_000


def make_job(step: int, count: int = 3) -> AnalysisJob:
    ones = [1.0] * count
    closed = Candles([step * number for number in range(1, count + 1)], ones, ones, ones, ones, ones)
    return AnalysisJob(Series(closed, None, ()), Params(), asyncio.Future())


async def test_series_of_the_shortest_candles_come_first() -> None:
    queue = AnalysisQueue()
    jobs = [make_job(step) for step in (HOUR, MINUTE, HOUR, MINUTE)]
    for job in jobs:
        queue.put(job, 0.0)
    assert [queue.take() for _ in range(len(queue))] == [jobs[1], jobs[3], jobs[0], jobs[2]]


async def test_series_without_two_candles_is_taken_and_an_empty_queue_gives_none() -> None:
    queue = AnalysisQueue()
    queue.put(make_job(MINUTE, 1), 0.0)
    assert len(queue.take().series.closed) == 1
    with pytest.raises(IndexError):
        queue.take()


async def test_long_candles_are_not_held_up_by_short_ones_without_end() -> None:
    queue = AnalysisQueue()
    day = make_job(24 * HOUR)
    queue.put(day, 0.0)
    for second in range(28):
        queue.put(make_job(MINUTE), float(second))
        assert queue.take() is not day
    queue.put(make_job(MINUTE), 29.5)
    assert queue.take() is day
