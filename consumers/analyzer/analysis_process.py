"""A second process that analyses a share of a backlog, as when 1,630 markets close in one second.

Candles cross in shared memory, because a pipe would take as long as it saves. What the process does not return, since
it ended or stands still, is given back and analysed here.
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
_SLOTS = 64
"""Series on their way at once, 50 ms of work: a turn of the loop may take as long in a backlog."""

_ANSWERS = 8
"""Analyses that are returned together while more series wait: each message wakes the loop."""

_TIMEOUT = 30.0
"""Seconds after which a process that returns nothing is ended: an analysis takes about 1 ms."""


class AnalysisJob(NamedTuple):
    """A series to be analysed with the default params, and the future of its analysis."""

    series: Series
    params: Params
    future: asyncio.Future[Analysis]


class _SlotInput(NamedTuple):
    """What crosses the pipe beside the candles in a slot."""

    slot: int
    candles: int
    last_price: float | None


class _Child(NamedTuple):
    """The process, our end of the pipe, and the candles of each slot: times as int64 in the first row."""

    process: BaseProcess
    connection: Connection
    memory: np.ndarray


class AnalysisProcess:
    """One process, started by the first `start`, for one event loop. `finished`: how many analyses it has made."""

    def __init__(self) -> None:
        self.is_ready = False
        self.finished = 0
        self._child: _Child | None = None
        self._free: list[int] = []
        self._under_way: dict[int, AnalysisJob] = {}
        self._watchdog: asyncio.TimerHandle | None = None
        self._give_back: Callable[[AnalysisJob], None] = _drop

    @property
    def pid(self) -> int | None:
        """The process; None while there is none."""
        return self._child.process.pid if self._child is not None else None

    @property
    def room(self) -> int:
        """How many series it takes now."""
        return len(self._free) if self.is_ready else 0

    def start(self, give_back: Callable[[AnalysisJob], None]) -> None:
        """Start the process unless it runs; `give_back` takes the jobs that it does not finish."""
        if self._child is not None:
            return
        self._child, self._give_back, self._free = _start_child(), give_back, list(range(_SLOTS))
        asyncio.get_running_loop().add_reader(self._child.connection.fileno(), self._receive)

    def submit(self, jobs: Sequence[AnalysisJob]) -> None:
        """Analyse these series, at most `room`; longer ones than there is space for are given back."""
        inputs = [self._fill_slot(job) for job in jobs if self._has_space(job)]
        if self._child is None or not inputs:
            return
        try:
            self._child.connection.send(inputs)
        except OSError:
            self._end("it ended")
        else:
            self._watch()

    def close(self) -> None:
        """End the process."""
        if self._child is not None:
            self._end(None)

    def _has_space(self, job: AnalysisJob) -> bool:
        if self._child is not None and len(job.series.closed) <= _MAX_CANDLES:
            return True
        self._give_back(job)
        return False

    def _fill_slot(self, job: AnalysisJob) -> _SlotInput:
        assert self._child is not None
        slot, candles = self._free.pop(), job.series.closed
        _write(self._child.memory[slot, :, : len(candles)], candles)
        self._under_way[slot] = job
        return _SlotInput(slot, len(candles), job.series.last_price)

    def _receive(self) -> None:
        """Take every answer that is there."""
        while self._child is not None:
            try:
                if not self._child.connection.poll():
                    return
                answers = self._child.connection.recv()
            except (EOFError, OSError):
                self._end("it ended")
            except Exception as error:  # noqa: BLE001 (reading a pickle may raise anything)
                self._end(f"its answer cannot be read: {type(error).__name__}")
            else:
                self.is_ready = True
                for slot, result in answers:
                    self._take(slot, result)
                self._watch()

    def _take(self, slot: int, result: Analysis | Exception) -> None:
        job = self._under_way.pop(slot)
        self._free.append(slot)
        self.finished += 1
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
            _log.warning("analysis.process_lost", reason=reason, given_back=len(self._under_way))
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


def _drop(_job: AnalysisJob) -> None:
    pass


def _start_child() -> _Child:
    context = multiprocessing.get_context("spawn")
    shared = context.RawArray(ctypes.c_double, _SLOTS * _ROWS * _MAX_CANDLES)
    ours, theirs = context.Pipe()
    process: Any = context.Process(target=serve, args=(theirs, shared), daemon=True, name="analysis")
    process.start()
    theirs.close()
    return _Child(process, ours, _view(shared))


def _write(rows: np.ndarray, candles: Candles) -> None:
    rows[0].view(np.int64)[:] = candles.time
    for row, name in enumerate(_COLUMNS, start=1):
        rows[row] = getattr(candles, name)


@contextmanager
def analysis_processes(count: int) -> Iterator[Sequence[AnalysisProcess]]:
    """Provide processes, none of them started, and end those that were started."""
    processes = [AnalysisProcess() for _ in range(count)]
    try:
        yield processes
    finally:
        for process in processes:
            process.close()


def serve(connection: Connection, shared: Any) -> None:
    """The child's side: analyse until the parent closes the connection."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    memory = _view(shared)
    try:
        connection.send([])  # the process has imported what it needs
        while True:
            _answer(connection, memory)
    except (EOFError, OSError):
        return


def _answer(connection: Connection, memory: np.ndarray) -> None:
    """Analyse the series of one message, and return a few analyses at a time."""
    inputs: list[_SlotInput] = connection.recv()
    for start in range(0, len(inputs), _ANSWERS):
        part = inputs[start : start + _ANSWERS]
        connection.send([(slot, _analyze(memory[slot, :, :count], price)) for slot, count, price in part])


def _analyze(rows: np.ndarray, last_price: float | None) -> Analysis | Exception:
    """Return the analysis, or the error that it raised."""
    try:
        return analyze(Candles.of_valid((rows[0].view(np.int64), *rows[1:])), last_price=last_price)
    except Exception as error:  # noqa: BLE001 (raised where the analysis is awaited)
        return error


def _view(shared: Any) -> np.ndarray:
    return np.frombuffer(shared, dtype=np.float64).reshape(_SLOTS, _ROWS, _MAX_CANDLES)
