"""Runs the batches of a keyed queue, and owns their tasks."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Hashable, Iterator
from typing import Generic, TypeVar

import structlog

from broker.consumer.keyed_queue import Batch, KeyedQueue, Work
from broker.outages import Outages, WorkStart
from broker.ports import Partition
from runtime.clock import Clock
from runtime.tasks import cancel_and_wait

T = TypeVar("T")
_log = structlog.get_logger(__name__)

_CANCEL_SECONDS = 1.0
"""Longest time that a rebalance waits for cancelled work to end."""


class Dispatcher(Generic[T]):
    """Starts batches until `halted` is set: when `process` has raised (`bug` holds the first error) or in a drain."""

    def __init__(
        self,
        queue: KeyedQueue[T],
        process: Callable[[Batch[T]], Awaitable[None]],
        clock: Clock,
        outages: Outages | None = None,
    ) -> None:
        self.halted = asyncio.Event()
        self.bug: Exception | None = None
        self._queue = queue
        self._process = process
        self._clock = clock
        self._outages = outages or Outages(clock)
        self._tasks: dict[asyncio.Task[None], tuple[Batch[T], WorkStart]] = {}
        self._timer: asyncio.TimerHandle | None = None

    @property
    def running(self) -> int:
        """How many batches run now."""
        return self._queue.running

    def running_batches(self) -> Iterator[tuple[Batch[T], WorkStart]]:
        """Yield every batch whose task has not ended, and when it started."""
        yield from self._tasks.values()

    def put(self, key: Hashable, work: Work[T]) -> None:
        """Queue `work` under its ordering key."""
        self._queue.put(key, work, self._clock.monotonic())

    def drop(self, partitions: Collection[Partition]) -> int:
        """Remove the waiting work of these partitions; return how many records that was."""
        return self._queue.drop(partitions)

    def start_due(self) -> None:
        """Start every batch that may run now, and set a timer for the next one that lingers."""
        self._stop_timer()
        if self.halted.is_set():
            return
        while batch := self._queue.take(self._clock.monotonic()):
            task = asyncio.create_task(self._run(batch))
            self._tasks[task] = batch, WorkStart(self._outages.working_seconds(), self._clock.now())
            task.add_done_callback(self._release_task)
        if (seconds := self._queue.due_in(self._clock.monotonic())) is not None:
            self._timer = asyncio.get_running_loop().call_later(seconds, self.start_due)

    async def cancel_unowned(self, owned: Collection[Partition]) -> None:
        """Cancel every batch without a record of the `owned` partitions: their new owners process it again."""
        lost = [task for task, (batch, _) in self._tasks.items() if not _touches(batch, owned)]
        for task in lost:
            task.cancel()
        if lost:
            _, late = await asyncio.wait(lost, timeout=_CANCEL_SECONDS)
            _log.info("loop.batches_cancelled", batches=len(lost), late=len(late))

    async def drain(self, timeout: float) -> None:
        """Start nothing more, and wait at most `timeout` seconds for running batches."""
        self._halt()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=timeout)
            if late:
                _log.warning("loop.drain_timeout", abandoned=len(late), seconds=timeout)

    async def cancel(self) -> None:
        """Start nothing more, cancel what runs, and wait for it to end."""
        self._halt()
        await cancel_and_wait(*self._tasks)

    async def _run(self, batch: Batch[T]) -> None:
        try:
            await self._process(batch)
        except Exception as bug:  # noqa: BLE001 - kept: the loop raises it once the others have finished
            self._record_bug(batch, bug)

    def _release_task(self, task: asyncio.Task[None]) -> None:
        # A callback, since a task that is cancelled before its first step cannot clean up itself.
        batch, _ = self._tasks.pop(task)
        self._queue.finish(batch.ordering_key, self._clock.monotonic())
        self.start_due()

    def _record_bug(self, batch: Batch[T], bug: Exception) -> None:
        if (task := asyncio.current_task()) is not None and task.cancelling():
            # The batch belongs to another member by now, which will meet the same bug if it is one.
            _log.warning("loop.cancelled_batch_failed", records=len(batch.work), exc_info=bug)
            return
        _log.exception("loop.bug", records=len(batch.work))
        self.bug = self.bug or bug
        self._halt()

    def _halt(self) -> None:
        self.halted.set()
        self._stop_timer()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _touches(batch: Batch[T], partitions: Collection[Partition]) -> bool:
    return any(work.mark.partition in partitions for work in batch.work)
