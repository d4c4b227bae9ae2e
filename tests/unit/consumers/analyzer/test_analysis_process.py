"""The analyses of a second process equal those of this one, and none is lost with it."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from multiprocessing.connection import Connection
from pickle import UnpicklingError
from unittest.mock import Mock

import pytest

from consumers.analyzer.analysis_process import AnalysisProcess, analysis_processes
from consumers.analyzer.analyze import SeriesAnalyzer, parse_params
from exchanges.ports import Series
from levels import Params, analyze
from levels.evaluation.synthetic import make_random_walk
from runtime.errors import Permanent
from tests.support.deadlines import within
from tests.support.markets import series

DEFAULT = parse_params({})
WALKS = [Series(make_random_walk(seed, 600), None, ()) for seed in range(4)]


@pytest.fixture
async def process() -> AsyncIterator[AnalysisProcess]:
    with analysis_processes(1) as (only,):
        yield only


async def analyze_backlog(analyzer: SeriesAnalyzer, count: int) -> None:
    """Analyse series at once, and compare."""
    walks = [WALKS[number % len(WALKS)] for number in range(count)]
    found = await within(asyncio.gather(*(analyzer.analyze(walk, DEFAULT) for walk in walks)))
    assert found == [analyze(walk.closed, Params(), last_price=walk.last_price) for walk in walks]


async def ready(analyzer: SeriesAnalyzer, process: AnalysisProcess) -> None:
    """Keep a backlog until the process takes part."""
    async with asyncio.timeout(60):
        while not process.is_ready:
            await analyze_backlog(analyzer, 110)


async def test_backlog_is_shared_and_the_analyses_are_equal(process: AnalysisProcess) -> None:
    analyzer = SeriesAnalyzer(processes=[process])
    await ready(analyzer, process)
    before = process.finished
    await analyze_backlog(analyzer, 150)
    assert process.finished > before


async def test_few_series_start_no_process(process: AnalysisProcess) -> None:
    await analyze_backlog(SeriesAnalyzer(processes=[process]), 100)
    assert process.pid is None


async def test_series_without_space_is_analysed_here(
    process: AnalysisProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    analyzer = SeriesAnalyzer(processes=[process])
    await ready(analyzer, process)
    monkeypatch.setattr("consumers.analyzer.analysis_process._MAX_CANDLES", 500)
    before = process.finished
    await analyze_backlog(analyzer, 150)
    assert process.finished == before


async def test_error_of_a_process_is_that_of_the_analysis(process: AnalysisProcess) -> None:
    analyzer = SeriesAnalyzer(processes=[process])
    await ready(analyzer, process)
    with pytest.raises(Permanent, match="5 candles"):
        await within(analyzer.analyze(series(5), DEFAULT))


async def test_killed_process_loses_no_analysis(process: AnalysisProcess) -> None:
    analyzer = SeriesAnalyzer(processes=[process])
    await ready(analyzer, process)
    pid = process.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    working = asyncio.create_task(analyze_backlog(analyzer, 150))
    await asyncio.sleep(0)
    os.kill(pid, signal.SIGKILL)
    await within(working)
    await ready(analyzer, process)
    assert process.pid != pid


async def test_answer_that_cannot_be_read_loses_no_analysis(
    process: AnalysisProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    analyzer = SeriesAnalyzer(processes=[process])
    await ready(analyzer, process)
    monkeypatch.setattr(Connection, "recv", Mock(side_effect=UnpicklingError("truncated")))
    await analyze_backlog(analyzer, 150)
