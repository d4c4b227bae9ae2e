"""The parent's side: one process per method, started when it is needed, and ended when a call takes too long."""

import multiprocessing
import threading
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from consumers.analyzer.methods.errors import MethodFailed
from consumers.analyzer.methods.worker import COLUMNS, Answer, serve
from levels import Candles

CALL_TIMEOUT = 10.0
START_TIMEOUT = 30.0
"""Seconds that the first call has in addition: a method may import a good deal."""


class MethodProcess:
    """Calls the function `target` (`module:function`) in a child; one call at a time, from any thread."""

    def __init__(self, target: str, *, timeout: float = CALL_TIMEOUT) -> None:
        self._target = target
        self._timeout = timeout
        self._lock = threading.Lock()
        self._child: BaseProcess | None = None
        self._connection: Connection | None = None

    def call(self, candles: Candles) -> list[tuple[float | None, ...]]:
        """Return price, low, high and score of each level. Raises MethodFailed; the next call starts a new process."""
        with self._lock:
            try:
                returned, answer = self._exchange(candles)
            except TimeoutError as error:
                self._end()
                raise MethodFailed(f"{self._target} took longer than {self._timeout:g} s") from error
            except (EOFError, OSError) as error:
                self._end()
                raise MethodFailed(f"{self._target} ended its process") from error
        if not returned:
            raise MethodFailed(f"{self._target} raised {answer}")
        rows: list[tuple[float | None, ...]] = answer
        return rows

    def _exchange(self, candles: Candles) -> Answer:
        fresh = self._connection is None
        connection = self._connection or self._start()
        connection.send(tuple(getattr(candles, name) for name in COLUMNS))
        if not connection.poll(self._timeout + (START_TIMEOUT if fresh else 0.0)):
            raise TimeoutError
        answer: Answer = connection.recv()
        return answer

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def _start(self) -> Connection:
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        child: Any = context.Process(target=serve, args=(theirs, self._target), daemon=True)
        child.start()
        theirs.close()
        self._child = child
        return self._connection

    def _end(self) -> None:
        if self._connection is not None:
            self._connection.close()
        if self._child is not None:
            self._child.kill()
            self._child.join()
        self._connection = self._child = None
