"""A queue that runs one batch at a time per ordering key, in order, and many keys at once. Pure; time is passed in.

Work of one key never runs concurrently. The sink and the watcher use one constant key; the analyzer and the notifier
give each record a key of its own.
"""

from collections import deque
from collections.abc import Collection, Hashable, Iterator
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from broker.consumer.offsets import OffsetMark
from broker.ports import Partition

T = TypeVar("T")


class Work(NamedTuple, Generic[T]):
    """A decoded value, and the offset to finish once it is handled."""

    value: T
    mark: OffsetMark


@dataclass(frozen=True, slots=True)
class Batch(Generic[T]):
    """Work of one ordering key, in order."""

    ordering_key: Hashable
    work: tuple[Work[T], ...]


class KeyedQueue(Generic[T]):
    """`batch_limit` bounds a batch (records), `concurrency` the number of running batches.

    `linger` (seconds) is how long an idle key waits for its batch to fill; a full batch does not wait.
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

    def put(self, key: Hashable, work: Work[T], now: float) -> None:
        """Append `work` to the queue of `key`; `now` is in seconds."""
        queue = self._waiting.setdefault(key, deque())
        queue.append(work)
        if key not in self._running:
            self._mark_ready(key, now)

    def take(self, now: float) -> Batch[T] | None:
        """Return the next batch, which runs until `finish`; None while none is due or `concurrency` is reached."""
        for key in self._due(now):
            return self._start(key)
        return None

    def _due(self, now: float) -> Iterator[Hashable]:
        """Yield the keys that may start now: full batches first, then by waiting time."""
        if len(self._running) >= self._concurrency:
            return
        yield from self._full
        for key, since in self._ready.items():
            if since + self._linger > now:
                return
            yield key

    def _start(self, key: Hashable) -> Batch[T]:
        self._unmark_ready(key)
        self._running.add(key)
        queue = self._waiting[key]
        work = tuple(queue.popleft() for _ in range(min(self._batch_limit, len(queue))))
        if not queue:
            del self._waiting[key]
        return Batch(key, work)

    def _mark_ready(self, key: Hashable, now: float) -> None:
        self._ready.setdefault(key, now)
        if len(self._waiting[key]) >= self._batch_limit:
            self._full[key] = None

    def _unmark_ready(self, key: Hashable) -> None:
        self._ready.pop(key, None)
        self._full.pop(key, None)

    def finish(self, key: Hashable, now: float) -> None:
        """End the running batch of `key`, so that its next one may start."""
        self._running.discard(key)
        if key in self._waiting:
            self._mark_ready(key, now)

    def drop(self, partitions: Collection[Partition]) -> int:
        """Remove the waiting work of these partitions and return its size; running batches go on."""
        dropped = 0
        for key, queue in list(self._waiting.items()):
            remaining = deque(work for work in queue if work.mark.partition not in partitions)
            dropped += len(queue) - len(remaining)
            self._waiting[key] = remaining
            if len(remaining) < self._batch_limit:
                self._full.pop(key, None)
            if not remaining:
                del self._waiting[key]
                self._unmark_ready(key)
        return dropped

    def due_in(self, now: float) -> float | None:
        """Return the seconds until a lingering batch is due; None if no batch waits for time alone."""
        if not self._ready or len(self._running) >= self._concurrency:
            return None
        return max(0.0, next(iter(self._ready.values())) + self._linger - now)

    @property
    def running(self) -> int:
        """How many batches run."""
        return len(self._running)

    @property
    def waiting(self) -> int:
        """How many records wait."""
        return sum(len(queue) for queue in self._waiting.values())
