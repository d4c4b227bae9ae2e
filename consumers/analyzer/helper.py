"""Lets a second process analyse a share of a backlog, as when 1,630 markets close in one second.

Candles cross in shared memory, because a pipe would take as long as it saves. What a helper does not return, since its
process ended or stands still, is given back and analysed here.
"""

import asyncio
import ctypes
import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, NamedTuple

import numpy as np
import structlog

from exchanges.ports import Series
from levels import Analysis, Candles, Params, analyze

_log = structlog.get_logger(__name__)

_COLUMNS = ("open", "high", "low", "close", "volume")
_ROWS = 1 + len(_COLUMNS)
_MAX_CANDLES = 10_000
_SLOTS = 6
"""Series on their way at once: enough that the helper never waits for this process."""

_TIMEOUT = 30.0
"""Seconds after which a helper that returns nothing is ended: an analysis takes 1 to 3 ms."""


class Job(NamedTuple):
    """A series to be analysed with the default params, and the future of its analysis."""

    series: Series
    params: Params
    future: asyncio.Future[Analysis]


class _Child(NamedTuple):
    """The process, our end of the pipe, and the candles of each slot: times as int64 in the first row."""

    process: BaseProcess
    connection: Connection
    memory: np.ndarray


class AnalysisHelper:
    """One process, started by the first `start`, for one event loop. `finished`: how many analyses it has made."""

    def __init__(self) -> None:
        self.is_ready = False
        self.finished = 0
        self._child: _Child | None = None
        self._free: list[int] = []
        self._under_way: dict[int, Job] = {}
        self._watchdog: asyncio.TimerHandle | None = None
        self._give_back: Callable[[Job], None] = _drop

    @property
    def pid(self) -> int | None:
        """The process; None while there is none."""
        return self._child.process.pid if self._child is not None else None

    def start(self, give_back: Callable[[Job], None]) -> None:
        """Start the process unless it runs; `give_back` takes the jobs that it does not finish."""
        if self._child is not None:
            return
        self._child, self._give_back, self._free = _start_child(), give_back, list(range(_SLOTS))
        asyncio.get_running_loop().add_reader(self._child.connection.fileno(), self._receive)

    def submit(self, job: Job) -> bool:
        """Return whether the helper takes the job."""
        candles = job.series.closed
        if self._child is None or not (self.is_ready and self._free) or len(candles) > _MAX_CANDLES:
            return False
        slot = self._free.pop()
        _write(self._child.memory[slot, :, : len(candles)], candles)
        self._under_way[slot] = job
        try:
            self._child.connection.send((slot, len(candles), job.series.last_price))
        except OSError:
            self._end("its process ended")
        else:
            self._watch()
        return True

    def close(self) -> None:
        """End the process."""
        if self._child is not None:
            self._end(None)

    def _receive(self) -> None:
        """Take every answer that is there."""
        while self._child is not None:
            try:
                if not self._child.connection.poll():
                    return
                answer = self._child.connection.recv()
            except (EOFError, OSError):
                self._end("its process ended")
            except Exception as error:  # noqa: BLE001 (reading a pickle may raise anything)
                self._end(f"its answer cannot be read: {type(error).__name__}")
            else:
                self._take(answer)

    def _take(self, answer: tuple[int, Analysis | Exception] | None) -> None:
        """`None` is the first message: the process has imported what it needs."""
        if answer is None:
            self.is_ready = True
            return
        slot, result = answer
        job = self._under_way.pop(slot)
        self._free.append(slot)
        self.finished += 1
        self._watch()
        if job.future.done():
            return  # nothing waits for it any more
        if isinstance(result, Exception):
            job.future.set_exception(result)
        else:
            job.future.set_result(result)

    def _watch(self) -> None:
        if self._watchdog is not None:
            self._watchdog.cancel()
            self._watchdog = None
        if self._under_way:
            self._watchdog = asyncio.get_running_loop().call_later(
                _TIMEOUT, self._end, f"it returned nothing for {_TIMEOUT:g} s"
            )

    def _end(self, reason: str | None) -> None:
        """End the process and give its jobs back; the next `start` starts another one."""
        if reason is not None:
            _log.warning("analysis.helper_lost", reason=reason, given_back=len(self._under_way))
        child, self._child, self.is_ready = self._child, None, False
        if child is not None:
            asyncio.get_running_loop().remove_reader(child.connection.fileno())
            child.connection.close()
            child.process.kill()
            child.process.join()
        jobs, self._under_way = list(self._under_way.values()), {}
        self._watch()
        for job in jobs:
            self._give_back(job)


def _drop(_job: Job) -> None:
    pass


def _start_child() -> _Child:
    context = multiprocessing.get_context("spawn")
    shared = context.RawArray(ctypes.c_double, _SLOTS * _ROWS * _MAX_CANDLES)
    ours, theirs = context.Pipe()
    process: Any = context.Process(target=serve, args=(theirs, shared), daemon=True, name="analysis helper")
    process.start()
    theirs.close()
    return _Child(process, ours, _view(shared))


def _write(rows: np.ndarray, candles: Candles) -> None:
    rows[0].view(np.int64)[:] = candles.time
    for row, name in enumerate(_COLUMNS, start=1):
        rows[row] = getattr(candles, name)


@contextmanager
def analysis_helpers(count: int) -> Iterator[Sequence[AnalysisHelper]]:
    """Make helpers, and end the processes that they started."""
    helpers = [AnalysisHelper() for _ in range(count)]
    try:
        yield helpers
    finally:
        for helper in helpers:
            helper.close()


def serve(connection: Connection, shared: Any) -> None:
    """The child's side: analyse until the parent closes the connection."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    memory = _view(shared)
    try:
        connection.send(None)
        while True:
            slot, count, last_price = connection.recv()
            connection.send((slot, _analyze(memory[slot, :, :count], last_price)))
    except (EOFError, OSError):
        return


def _analyze(rows: np.ndarray, last_price: float | None) -> Analysis | Exception:
    """Return the analysis, or the error that it raised."""
    columns = dict(zip(_COLUMNS, rows[1:], strict=True))
    try:
        return analyze(Candles(time=rows[0].view(np.int64), **columns), last_price=last_price)
    except Exception as error:  # noqa: BLE001 (raised where the analysis is awaited)
        return error


def _view(shared: Any) -> np.ndarray:
    return np.frombuffer(shared, dtype=np.float64).reshape(_SLOTS, _ROWS, _MAX_CANDLES)
