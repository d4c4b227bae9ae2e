"""Commits finished offsets: soon after there is progress, and at most once per interval."""

import asyncio
from collections.abc import Collection

import structlog

from broker.consumer.offsets import OffsetTracker
from broker.ports import CommitRefused, Consumer, Partition
from broker.retry import Backoff, attempts, no_jitter
from runtime.clock import Clock
from runtime.errors import Transient

_log = structlog.get_logger(__name__)
_BACKOFF = Backoff(initial=0.2, maximum=5.0)


class Committer:
    """`committed` holds the offsets the broker accepted, for any owner of the partition; `interval` is in seconds."""

    def __init__(self, offsets: OffsetTracker, clock: Clock, interval: float) -> None:
        self.committed: dict[Partition, int] = {}
        self._offsets = offsets
        self._clock = clock
        self._interval = interval
        self._progress = asyncio.Event()

    def notify_progress(self) -> None:
        """Wake `run`: records were finished."""
        self._progress.set()

    async def run(self, consumer: Consumer) -> None:
        """Commit whenever there is progress, at most once per interval; a failed commit is retried without limit."""
        while True:
            await self._progress.wait()
            async for attempt in attempts(self._clock, _BACKOFF, draw=no_jitter):
                self._progress.clear()
                with attempt:
                    if not await self.commit(consumer):
                        raise Transient("offsets not committed")
            await self._clock.sleep(self._interval)

    async def commit(self, consumer: Consumer, only: Collection[Partition] | None = None) -> bool:
        """Commit what is finished (of the partitions `only`); return whether nothing remains to commit."""
        marks = {p: m for p, m in self._offsets.committable().items() if only is None or p in only}
        if not marks:
            return True
        offsets = {partition: mark.offset for partition, mark in marks.items()}
        try:
            await consumer.commit(offsets)
        except CommitRefused as error:
            # Another member processes the records again; at-least-once allows that.
            _log.info("commit.refused", error=str(error))
            return False
        except Transient as error:
            _log.warning("commit.failed", error=str(error))
            return False
        self._offsets.mark_committed(marks)
        self.committed.update(offsets)
        return True
