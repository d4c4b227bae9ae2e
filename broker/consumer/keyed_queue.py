"""Who may run next: one batch at a time within a lane, in order; many lanes at once. Pure, told the time.

A lane is whatever must not be worked on twice at once: a market, for the analyzer; everything, for the sink.
"""

from collections import deque
from collections.abc import Collection, Hashable, Iterator
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from broker.consumer.offsets import OffsetMark
from broker.ports import Partition

T = TypeVar("T")


class Work(NamedTuple, Generic[T]):
    value: T
    mark: OffsetMark


@dataclass(frozen=True, slots=True)
class Batch(Generic[T]):
    ordering_key: Hashable
    work: tuple[Work[T], ...]


class KeyedQueue(Generic[T]):
    """`batch_limit` bounds a batch (records), `concurrency` the batches out at once.

    `linger` (seconds) is how long a free lane waits for its batch to fill; a full one does not wait.
    """

    def __init__(self, *, concurrency: int, batch_limit: int, linger: float = 0.0) -> None:
        self._concurrency = concurrency
        self._batch_limit = batch_limit
        self._linger = linger
        self._waiting: dict[Hashable, deque[Work[T]]] = {}
        self._running: set[Hashable] = set()
        # Waiting keys that do not run, and since when (ascending); those with a full batch.
        self._ready: dict[Hashable, float] = {}
        self._full: dict[Hashable, None] = {}

    def put(self, lane: Hashable, work: Work[T], now: float) -> None:
        queue = self._waiting.setdefault(lane, deque())
        queue.append(work)
        if lane not in self._running:
            self._offer(lane, now)

    def take(self, now: float) -> Batch[T] | None:
        """The next batch to run, or None while nothing is due or all hands are busy. It runs until `done`."""
        for lane in self._due(now):
            return self._start(lane)
        return None

    def _due(self, now: float) -> Iterator[Hashable]:
        """The lanes that may start now, best first."""
        if len(self._running) >= self._concurrency:
            return
        yield from self._full
        for lane, since in self._ready.items():
            if since + self._linger > now:
                return
            yield lane

    def _start(self, lane: Hashable) -> Batch[T]:
        self._withdraw(lane)
        self._running.add(lane)
        queue = self._waiting[lane]
        work = tuple(queue.popleft() for _ in range(min(self._batch_limit, len(queue))))
        if not queue:
            del self._waiting[lane]
        return Batch(lane, work)

    def _offer(self, lane: Hashable, now: float) -> None:
        self._ready.setdefault(lane, now)
        if len(self._waiting[lane]) >= self._batch_limit:
            self._full[lane] = None

    def _withdraw(self, lane: Hashable) -> None:
        self._ready.pop(lane, None)
        self._full.pop(lane, None)

    def done(self, lane: Hashable, now: float) -> None:
        self._running.discard(lane)
        if lane in self._waiting:
            self._offer(lane, now)

    def drop(self, partitions: Collection[Partition]) -> int:
        """Forget what waits of these partitions, and say how much it was. What runs is left to run."""
        dropped = 0
        for lane, queue in list(self._waiting.items()):
            kept = deque(work for work in queue if work.mark.partition not in partitions)
            dropped += len(queue) - len(kept)
            self._waiting[lane] = kept
            if len(kept) < self._batch_limit:
                self._full.pop(lane, None)
            if not kept:
                del self._waiting[lane]
                self._withdraw(lane)
        return dropped

    def due_in(self, now: float) -> float | None:
        """Seconds until a lingering batch is due; None if no clock is to be waited for."""
        if not self._ready or len(self._running) >= self._concurrency:
            return None
        return max(0.0, next(iter(self._ready.values())) + self._linger - now)

    @property
    def running(self) -> int:
        return len(self._running)

    @property
    def waiting(self) -> int:
        return sum(len(queue) for queue in self._waiting.values())
