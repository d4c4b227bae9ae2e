"""Supervises the worker processes of the API: replaces those that died or hang, and waits for those that start.

A worker imports the application before it can answer. On a machine short of CPU that takes minutes, so a worker that
has never answered is only replaced after START_TIMEOUT, and workers start one after another.
"""

import pickle
import time
from dataclasses import dataclass
from socket import socket

import structlog
import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors.multiprocess import Multiprocess, Process

_log = structlog.get_logger(__name__)

START_TIMEOUT = 900.0
"""Seconds until a worker must have answered for the first time."""


@dataclass(slots=True)
class _Start:
    """The start of one worker: when it began, and whether it has answered since."""

    began_at: float
    is_answered: bool = False


class WorkerSupervisor(Multiprocess):
    """Runs `config.workers` processes on `sockets` until a signal ends it."""

    def __init__(self, config: uvicorn.Config, sockets: list[socket]) -> None:
        super().__init__(config, sockets)
        self._starts: dict[Process, _Start] = {}

    def init_processes(self) -> None:
        """Start the first worker; `keep_subprocess_alive` starts the others."""
        self.processes.append(self._start_worker())

    def keep_subprocess_alive(self) -> None:
        """Replace each worker that ended or hangs; start the next one once all others have answered."""
        for index, process in enumerate(self.processes):
            if self.should_exit.is_set():
                return
            if self._is_alive(process):
                continue
            process.kill()
            process.join()
            self._starts.pop(process, None)
            if process.exitcode == STARTUP_FAILURE:
                _log.error("worker.start_failed", pid=process.pid)
                self.should_exit.set()
                return
            _log.warning("worker.replaced", pid=process.pid, exit_code=process.exitcode)
            self.processes[index] = self._start_worker()
        is_starting = any(not start.is_answered for start in self._starts.values())
        if len(self.processes) < self.processes_num and not is_starting:
            self.processes.append(self._start_worker())

    def _start_worker(self) -> Process:
        process = Process(self.config, self.sockets)
        self._starts[process] = _Start(time.monotonic())
        process.start()
        process.parent_conn.send(b"ping")  # one only: its answer shows that the imports are done
        return process

    def _is_alive(self, process: Process) -> bool:
        start = self._starts.get(process)
        if start is None or start.is_answered:
            return process.is_alive(timeout=self.config.timeout_worker_healthcheck)
        try:
            if process.parent_conn.poll(0):
                process.parent_conn.recv()
                start.is_answered = True
        except (OSError, EOFError, pickle.UnpicklingError):
            return False
        return process.process.is_alive() and time.monotonic() - start.began_at < START_TIMEOUT
