"""Tells the broker what is done: soon after there is progress, and no more often than need be."""

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
    """`committed` is what the broker took, whoever owns the partition now; `interval` is in seconds."""

    def __init__(self, ledger: OffsetTracker, clock: Clock, interval: float) -> None:
        self.committed: dict[Partition, int] = {}
        self._ledger = ledger
        self._clock = clock
        self._interval = interval
        self._progress = asyncio.Event()

    def progressed(self) -> None:
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
        """Whether all that may be committed (of the partitions `only`) now is."""
        marks = {p: m for p, m in self._ledger.committable().items() if only is None or p in only}
        if not marks:
            return True
        offsets = {partition: mark.offset for partition, mark in marks.items()}
        try:
            await consumer.commit(offsets)
        except CommitRefused as error:
            # Somebody else does the work again; that it is done twice is what at-least-once means.
            _log.info("commit.refused", error=str(error))
            return False
        except Transient as error:
            _log.warning("commit.failed", error=str(error))
            return False
        self._ledger.committed(marks)
        self.committed.update(offsets)
        return True
