"""Where analyses run: on the loop in turns, or in a thread."""

import asyncio
import threading

import pytest

from consumers.analyzer import analyze as module
from consumers.analyzer.analyze import SeriesAnalyzer, parse_params
from levels import Analysis, Params, analyze
from levels.candles import Candles
from runtime.errors import Permanent
from tests.support.deadlines import within
from tests.support.markets import series


class Recorder:
    """Records the thread of each analysis, and how often the loop had turned by then."""

    def __init__(self) -> None:
        self.threads: list[threading.Thread] = []
        self.turns: list[int] = []
        self.turn = 0

    def analyze(self, candles: Candles, params: Params, *, last_price: float | None = None) -> Analysis:
        self.threads.append(threading.current_thread())
        self.turns.append(self.turn)
        return analyze(candles, params, last_price=last_price)

    async def count_turns(self) -> None:
        while True:
            self.turn += 1
            await asyncio.sleep(0)


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    recorder = Recorder()
    monkeypatch.setattr(module, "analyze", recorder.analyze)
    return recorder


async def test_analyses_leave_the_loop_a_turn_between_them(recorder: Recorder) -> None:
    analyzer, counting = SeriesAnalyzer(turn=0.0), asyncio.create_task(recorder.count_turns())
    await within(asyncio.gather(*(analyzer.analyze(series(), parse_params({})) for _ in range(5))))
    counting.cancel()
    assert len(set(recorder.turns)) == 5
    assert set(recorder.threads) == {threading.main_thread()}


async def test_analysis_with_own_params_runs_in_a_thread(recorder: Recorder) -> None:
    params = parse_params({"tolerance": 0.2})
    await within(SeriesAnalyzer().analyze(series(), params))
    assert threading.main_thread() not in recorder.threads


async def test_analyses_share_a_turn_of_the_loop(recorder: Recorder) -> None:
    analyzer, counting = SeriesAnalyzer(turn=60.0), asyncio.create_task(recorder.count_turns())
    await within(asyncio.gather(*(analyzer.analyze(series(), parse_params({})) for _ in range(5))))
    counting.cancel()
    assert len(recorder.turns) == 5
    assert len(set(recorder.turns)) == 1


async def test_analysis_that_fails_ends_no_other(recorder: Recorder) -> None:
    analyzer = SeriesAnalyzer(turn=60.0)
    few, enough = (analyzer.analyze(series(count), parse_params({})) for count in (5, 400))
    failed, analysis = await within(asyncio.gather(few, enough, return_exceptions=True))
    assert isinstance(failed, Permanent)
    assert isinstance(analysis, Analysis)


async def test_cancelled_analysis_gives_its_turn_away(recorder: Recorder) -> None:
    analyzer = SeriesAnalyzer()
    first, second = (asyncio.create_task(analyzer.analyze(series(), parse_params({}))) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    assert (await within(second)).levels
    assert len(recorder.threads) == 1
