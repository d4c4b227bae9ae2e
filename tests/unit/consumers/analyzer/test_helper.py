"""A helper's analyses equal those of this process, and none is lost with it."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from multiprocessing.connection import Connection
from pickle import UnpicklingError
from unittest.mock import Mock

import pytest

from consumers.analyzer.analyze import SeriesAnalyzer, parse_params
from consumers.analyzer.helper import AnalysisHelper, analysis_helpers
from exchanges.ports import Series
from levels import Params, analyze
from levels.evaluation.synthetic import make_random_walk
from runtime.errors import Permanent
from tests.support.deadlines import within
from tests.support.markets import series

DEFAULT = parse_params({})
WALKS = [Series(make_random_walk(seed, 600), None, ()) for seed in range(4)]


@pytest.fixture
async def helper() -> AsyncIterator[AnalysisHelper]:
    with analysis_helpers(1) as (only,):
        yield only


async def analyze_backlog(analyzer: SeriesAnalyzer, count: int) -> None:
    """Analyse more series at once than are analysed without a helper, and compare."""
    walks = [WALKS[number % len(WALKS)] for number in range(count)]
    found = await within(asyncio.gather(*(analyzer.analyze(walk, DEFAULT) for walk in walks)))
    assert found == [analyze(walk.closed, Params(), last_price=walk.last_price) for walk in walks]


async def ready(analyzer: SeriesAnalyzer, helper: AnalysisHelper) -> None:
    """Keep a backlog until the helper's process takes part."""
    async with asyncio.timeout(60):
        while not helper.is_ready:
            await analyze_backlog(analyzer, 110)


async def test_backlog_is_shared_and_the_analyses_are_equal(helper: AnalysisHelper) -> None:
    analyzer = SeriesAnalyzer(helpers=[helper])
    await ready(analyzer, helper)
    before = helper.finished
    await analyze_backlog(analyzer, 150)
    assert helper.finished > before


async def test_few_series_need_no_helper(helper: AnalysisHelper) -> None:
    await analyze_backlog(SeriesAnalyzer(helpers=[helper]), 100)
    assert helper.pid is None


async def test_error_of_a_helper_is_that_of_the_analysis(helper: AnalysisHelper) -> None:
    analyzer = SeriesAnalyzer(helpers=[helper])
    await ready(analyzer, helper)
    with pytest.raises(Permanent, match="5 candles"):
        await within(analyzer.analyze(series(5), DEFAULT))


async def test_killed_helper_loses_no_analysis(helper: AnalysisHelper) -> None:
    analyzer = SeriesAnalyzer(helpers=[helper])
    await ready(analyzer, helper)
    pid = helper.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    working = asyncio.create_task(analyze_backlog(analyzer, 150))
    await asyncio.sleep(0)
    os.kill(pid, signal.SIGKILL)
    await within(working)
    await ready(analyzer, helper)
    assert helper.pid != pid


async def test_answer_that_cannot_be_read_loses_no_analysis(
    helper: AnalysisHelper, monkeypatch: pytest.MonkeyPatch
) -> None:
    analyzer = SeriesAnalyzer(helpers=[helper])
    await ready(analyzer, helper)
    monkeypatch.setattr(Connection, "recv", Mock(side_effect=UnpicklingError("truncated")))
    await analyze_backlog(analyzer, 150)
