"""Compute the levels of a fetched series: on the event loop in turns, or in a thread where that may take long.

Of a backlog a second process takes a share, and of a burst the shortest timeframes come first.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any

from consumers.analyzer.analysis_process import AnalysisJob, AnalysisProcess
from consumers.analyzer.analysis_queue import AnalysisQueue
from consumers.analyzer.methods import MethodFailed, UnknownMethod, analyze_with
from exchanges.ports import Series
from levels import Analysis, InvalidParams, Params, TooFewCandles, analyze
from levels.params import METHODS
from runtime.errors import Permanent

DEFAULT_PARAMS = Params()

_BACKLOG = 100
"""Series that wait, beyond which the processes are started: most deployments never need one."""


def parse_params(params: Mapping[str, Any]) -> Params:
    """Return a request's params. Raises Permanent (`invalid_request`)."""
    if not params:
        return DEFAULT_PARAMS
    try:
        return Params.from_dict(params)
    except InvalidParams as error:
        raise Permanent("invalid_request", f"params: {error}") from error


class SeriesAnalyzer:
    """Analyses with the default params run on the loop, `turn` seconds at a time: one takes 1 to 3 ms.

    A thread would share the interpreter's lock with the loop, and to hand each over costs more than it saves. What a
    caller's own params cost has no such bound, so these run in a thread: docs/adr/0039-analysis-on-the-loop.md.
    """

    def __init__(self, turn: float = 0.005, processes: Sequence[AnalysisProcess] = ()) -> None:
        self._turn = turn
        self._processes = processes
        # While it is not empty, `_work_for_a_turn` is scheduled.
        self._waiting = AnalysisQueue()

    async def analyze(self, series: Series, params: Params) -> Analysis:
        """Analyse closed candles. Raises Permanent (`too_few_candles`; `invalid_request`, `internal` for plugins)."""
        try:
            if params is DEFAULT_PARAMS:
                return await self._enqueue(series, params)
            return await asyncio.to_thread(_analyze, series, params)
        except UnknownMethod as error:
            raise Permanent("invalid_request", f"params: method: {error}") from error
        except MethodFailed as error:
            raise Permanent("internal", str(error)) from error
        except TooFewCandles as error:
            raise Permanent("too_few_candles", "; ".join((str(error), *series.notes))) from error

    def _enqueue(self, series: Series, params: Params) -> asyncio.Future[Analysis]:
        job = AnalysisJob(series, params, asyncio.get_running_loop().create_future())
        self._append(job)
        return job.future

    def _append(self, job: AnalysisJob) -> None:
        if not self._waiting:
            loop = asyncio.get_running_loop()
            loop.call_soon(self._work_for_a_turn, loop)
        self._waiting.put(job, time.monotonic())

    def _work_for_a_turn(self, loop: asyncio.AbstractEventLoop) -> None:
        """Analyse at least one series. What is analysed in a turn is also published together."""
        ends_at = time.monotonic() + self._turn
        self._share()
        while self._waiting:
            series, params, future = self._waiting.take()
            if future.done():
                continue  # nothing waits for it any more
            try:
                future.set_result(_analyze(series, params))
            except Exception as error:  # noqa: BLE001 (raised where it is awaited)
                future.set_exception(error)
            if time.monotonic() >= ends_at:
                break
        if self._waiting:
            loop.call_soon(self._work_for_a_turn, loop)

    def _share(self) -> None:
        """Give the processes as much as they take, but no more than is left for this one."""
        for process in self._processes:
            if len(self._waiting) > _BACKLOG:
                process.start(self._append)
            count = min(process.room, (len(self._waiting) + 1) // 2)
            process.submit([self._waiting.take() for _ in range(count)])


def _analyze(series: Series, params: Params) -> Analysis:
    if params.method in METHODS:
        return analyze(series.closed, params, last_price=series.last_price)
    return analyze_with(params.method, series.closed, params, last_price=series.last_price)
