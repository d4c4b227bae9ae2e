"""Runs the batches that the queue hands out, and owns their tasks."""

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

_GIVE_UP_SECONDS = 1.0
"""A rebalance waits no longer for cancelled work; what does not end by then ends when it ends."""


class Dispatcher(Generic[T]):
    """`halted` is set, and nothing new begins, once `work` has raised (`bug` has the first) or a drain began."""

    def __init__(
        self,
        lanes: KeyedQueue[T],
        work: Callable[[Batch[T]], Awaitable[None]],
        clock: Clock,
        outages: Outages | None = None,
    ) -> None:
        self.halted = asyncio.Event()
        self.bug: Exception | None = None
        self._queue = lanes
        self._work = work
        self._clock = clock
        self._outages = outages or Outages(clock)
        self._tasks: dict[asyncio.Task[None], tuple[Batch[T], WorkStart]] = {}
        self._timer: asyncio.TimerHandle | None = None

    @property
    def running(self) -> int:
        return self._queue.running

    def under_way(self) -> Iterator[tuple[Batch[T], WorkStart]]:
        yield from self._tasks.values()

    def put(self, lane: Hashable, work: Work[T]) -> None:
        self._queue.put(lane, work, self._clock.monotonic())

    def drop(self, partitions: Collection[Partition]) -> int:
        """Forget what waits of these partitions; returns how many records that was."""
        return self._queue.drop(partitions)

    def start_due(self) -> None:
        """Start every batch that may run now, and come back when the next has lingered long enough."""
        self._stop_timer()
        if self.halted.is_set():
            return
        while batch := self._queue.take(self._clock.monotonic()):
            task = asyncio.create_task(self._run(batch))
            self._tasks[task] = batch, WorkStart(self._outages.working_seconds(), self._clock.now())
            task.add_done_callback(self._ended)
        if (seconds := self._queue.due_in(self._clock.monotonic())) is not None:
            self._timer = asyncio.get_running_loop().call_later(seconds, self.start_due)

    async def give_up(self, kept: Collection[Partition]) -> None:
        """Cancel every batch that has nothing of the `kept` partitions: others do that work by now."""
        lost = [task for task, (batch, _) in self._tasks.items() if not _touches(batch, kept)]
        for task in lost:
            task.cancel()
        if lost:
            _, late = await asyncio.wait(lost, timeout=_GIVE_UP_SECONDS)
            _log.info("loop.gave_up", batches=len(lost), late=len(late))

    async def drain(self, timeout: float) -> None:
        """Begin nothing new, and give what runs `timeout` seconds to finish."""
        self._halt()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=timeout)
            if late:
                _log.warning("loop.drain_timeout", abandoned=len(late), seconds=timeout)

    async def cancel(self) -> None:
        self._halt()
        await cancel_and_wait(*self._tasks)

    async def _run(self, batch: Batch[T]) -> None:
        try:
            await self._work(batch)
        except Exception as bug:  # noqa: BLE001 - kept: the loop raises it again once the others have finished
            self._broke(batch, bug)

    def _ended(self, task: asyncio.Task[None]) -> None:
        # Here and not in the task: one that is cancelled before its first step has no chance to clean up.
        batch, _ = self._tasks.pop(task)
        self._queue.done(batch.ordering_key, self._clock.monotonic())
        self.start_due()

    def _broke(self, batch: Batch[T], bug: Exception) -> None:
        if (task := asyncio.current_task()) is not None and task.cancelling():
            # Nobody wants it any more. If it is a bug, whoever does the work now meets it as well.
            _log.warning("loop.cancelled_batch_broke", records=len(batch.work), exc_info=bug)
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
