"""The loop of every consuming role: poll, decode, dispatch, commit.

An offset is committed only when everything below it is handled or dead-lettered. The decisions are made by the pure
modules `offsets`, `keyed_queue` and `backpressure`; this one does the I/O.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Generic, NamedTuple, TypeVar

import structlog

from broker.consumer.backpressure import PauseResume, pause_resume
from broker.consumer.committer import Committer
from broker.consumer.dispatcher import Dispatcher
from broker.consumer.keyed_queue import Batch, KeyedQueue, Work
from broker.consumer.offsets import OffsetTracker
from broker.dead_letters.limit import (
    DeadLetterFlood,
    DeadLetterLimit,
    DeadLetterLimiter,
    DeadLetterLimitExceeded,
    flood_message,
)
from broker.dead_letters.publisher import DeadLetterKey, DeadLetterPublisher, UnprocessableRecord
from broker.outages import Outages, WorkStart, overrun
from broker.ports import Broker, Consumer, Partition, Record, RecordsLost
from broker.retry import Backoff, DeadLetter, attempts, decide, no_jitter
from runtime.clock import Clock, SystemClock
from runtime.errors import StrandlineError, UnknownEventType
from runtime.metrics import EVENTS_SKIPPED
from runtime.tasks import cancel_and_wait, task_error, wait_first
from schemas.topics import DEAD_LETTERS
from schemas.values import to_ms

T = TypeVar("T")
_log = structlog.get_logger(__name__)

_POLL_RECORDS = 500
_POLL_SECONDS = 1.0
_POLL_BACKOFF = Backoff(initial=0.2, maximum=5.0)


class Overrun(NamedTuple):
    """Working seconds past a deadline, and the position of the record that is late."""

    seconds: float
    position: str


@dataclass(frozen=True, slots=True)
class LoopState:
    """A snapshot for health and metrics.

    `last_poll_at` is on the clock's monotonic scale; `lost` counts losses to retention. While `draining`, after a stop
    or a bug, nothing new starts. `flood` is the reason and the advice once so many records cannot be read that the
    loop reads no further until a restart. `overrun` is that of the work furthest past its deadline, outages excluded.
    """

    assigned: frozenset[Partition]
    paused: frozenset[Partition]
    in_flight: int
    running: int
    last_poll_at: float
    committed: dict[Partition, int]
    lost: int
    draining: bool
    flood: str | None = None
    overrun: Overrun | None = None


class ConsumerLoop(Generic[T]):
    """Polls, decodes, dispatches by ordering key, and commits.

    `handle` receives the waiting values of one ordering key, in order, at most `batch_limit`; when it returns, they are
    finished. `decode` raises Malformed for bytes that go to the dead letters. `handle` turns expected errors into
    events; any other error stops the loop: `run` raises it after the other batches have ended, and the offsets
    stay uncommitted. DeadLetterLimitExceeded is the exception: it begins a flood, and the values before its record are
    finished.

    `deadline` returns until when a value may wait (None: not at all). `on_assigned` is called with all assigned
    partitions before their first record. `outages` stops working time during outages. `window` is the longest
    unfinished span of a partition (records); `linger`, `drain_timeout` and `commit_interval` are seconds. Past
    `dead_letter_limit` the loop pauses and its state holds the reason; with `exit_on_flood` it raises DeadLetterFlood.
    """

    def __init__(
        self,
        broker: Broker,
        group: str,
        topics: Sequence[str],
        *,
        decode: Callable[[Record], T],
        ordering_key: Callable[[T], Hashable],
        handle: Callable[[Sequence[T]], Awaitable[None]],
        concurrency: int = 1,
        batch_limit: int = 1,
        linger: float = 0.0,
        window: int = 1_000,
        drain_timeout: float = 20.0,
        commit_interval: float = 0.2,
        dead_letters: str = DEAD_LETTERS.name,
        dead_letter_limit: DeadLetterLimit | None = None,
        exit_on_flood: bool = False,
        deadline: Callable[[T], datetime | None] = lambda _: None,
        on_assigned: Callable[[Sequence[Partition]], None] = lambda _: None,
        clock: Clock | None = None,
        outages: Outages | None = None,
    ) -> None:
        self._broker = broker
        self._group = group
        self._topics = topics
        self._decode = decode
        self._ordering_key = ordering_key
        self._handle = handle
        self._window = window
        self._drain_timeout = drain_timeout
        self._clock = clock or SystemClock()
        self._deadline = deadline
        self._on_assigned = on_assigned
        self._outages = outages or Outages(self._clock)
        self._dead_letters = DeadLetterPublisher(broker, dead_letters, self._clock, self._outages)
        self._offsets = OffsetTracker()
        self._committer = Committer(self._offsets, self._clock, commit_interval)
        queue: KeyedQueue[T | UnprocessableRecord] = KeyedQueue(
            concurrency=concurrency, batch_limit=batch_limit, linger=linger
        )
        self._dispatcher = Dispatcher(queue, self._process, self._clock, self._outages)
        self._consumer: Consumer | None = None
        self._paused: frozenset[Partition] = frozenset()
        self._last_poll_at = self._clock.monotonic()
        self._lost = 0
        self._limiter = DeadLetterLimiter(dead_letter_limit or DeadLetterLimit())
        self._exit_on_flood = exit_on_flood
        self._flood: str | None = None

    @property
    def state(self) -> LoopState:
        """What the loop does now."""
        return LoopState(
            assigned=self._offsets.partitions,
            paused=self._paused,
            in_flight=self._offsets.in_flight,
            running=self._dispatcher.running,
            last_poll_at=self._last_poll_at,
            committed=dict(self._committer.committed),
            lost=self._lost,
            draining=self._dispatcher.halted.is_set(),
            flood=self._flood,
            overrun=self._longest_overrun(),
        )

    async def lag(self) -> Mapping[Partition, int]:
        """Return the uncommitted records of each assigned partition. Raises Transient."""
        return await self._consumer.lag() if self._consumer is not None else {}

    async def lag_seconds(self, timeout: float) -> Mapping[Partition, float]:
        """Return the age of the oldest uncommitted record of each assigned partition that lags. Raises Transient."""
        found = await self._broker.oldest_uncommitted({self._group: self._topics}, timeout=timeout)
        now_ms = to_ms(self._clock.now())
        return {
            at: max(0.0, (now_ms - published) / 1_000)
            for at, published in found[self._group].items()
            if at in self._offsets.partitions
        }

    async def run(self, stop: asyncio.Event) -> None:
        """Consume until `stop` is set; then finish what runs within `drain_timeout`, commit, and leave the group.

        Raises what `decode`, `ordering_key` or `handle` raised, DeadLetterFlood, or an unexpected error. When
        cancelled it leaves at once, without a last commit. Runs once.
        """
        async with self._broker.subscribe(self._group, self._topics, self) as consumer:
            self._consumer = consumer
            committing = asyncio.create_task(self._committer.run(consumer), name=f"commit {self._group}")
            polling = asyncio.create_task(self._poll(consumer), name=f"poll {self._group}")
            try:
                await wait_first(polling, committing, stop.wait(), self._dispatcher.halted.wait())
                await cancel_and_wait(polling)
                await self._dispatcher.drain(self._drain_timeout)
            finally:
                await self._dispatcher.cancel()
                await cancel_and_wait(polling, committing)
            await self._committer.commit(consumer)
        if bug := self._dispatcher.bug or task_error(polling) or task_error(committing):
            raise bug

    async def on_assigned(self, partitions: Sequence[Partition]) -> None:
        """Start an epoch of each partition, and cancel the work of partitions that did not come back."""
        for partition in partitions:
            self._offsets.assign(partition)
        # Not at revocation: a rebalance revokes partitions that come back, and their work may as well finish.
        await self._dispatcher.cancel_unowned(self._offsets.partitions)
        self._on_assigned(partitions)
        _log.info("loop.assigned", group=self._group, partitions=_format_partitions(partitions))

    async def on_revoked(self, partitions: Sequence[Partition]) -> None:
        """Drop waiting work of the partitions, commit what is finished, and end their epochs."""
        dropped = self._dispatcher.drop(partitions)
        if self._consumer is not None:
            await self._committer.commit(self._consumer, partitions)
        for partition in partitions:
            self._offsets.revoke(partition)
        self._paused -= frozenset(partitions)
        _log.info(
            "loop.revoked", group=self._group, partitions=_format_partitions(partitions), dropped=dropped
        )

    async def _poll(self, consumer: Consumer) -> None:
        while True:
            try:
                records = await self._fetch(consumer)
            except RecordsLost as error:
                # They cannot be read again: count the loss, log it, and go on with the records that are left.
                self._lost += 1
                self._offsets.continue_at(error.partition, error.next_offset)
                _log.error("loop.records_lost", group=self._group, error=str(error))
                continue
            for record in records:
                # A record that is not accepted is not tracked, so no commit passes it.
                if self._flood is None:
                    self._accept(record)
            if self._flood is None and self._offsets.advance(consumer.positions()):
                self._committer.notify_progress()
            self._dispatcher.start_due()
            self._apply_backpressure()
            if self._flood is not None and self._exit_on_flood:
                raise DeadLetterFlood(self._flood)

    async def _fetch(self, consumer: Consumer) -> Sequence[Record]:
        """Poll, retrying while the broker is away. Raises RecordsLost."""
        async for attempt in attempts(self._clock, _POLL_BACKOFF, draw=no_jitter):
            self._last_poll_at = self._clock.monotonic()
            with attempt:
                records = await consumer.poll(min(_POLL_RECORDS, self._window), _POLL_SECONDS)
            if attempt.error:
                _log.warning("loop.poll_failed", group=self._group, **attempt.log_fields)
        return records

    def _accept(self, record: Record) -> None:
        try:
            value = self._decode(record)
        except UnknownEventType as error:
            self._skip(record, str(error))
        except StrandlineError as error:
            decision = decide(error, 1, now=self._clock.monotonic(), deadline=None, random=1.0)
            if not isinstance(decision, DeadLetter):
                raise
            self._accept_malformed(record, decision.error)
        else:
            self._limiter.record_ok()
            mark = self._offsets.track(record.source, record.offset)
            self._dispatcher.put(self._ordering_key(value), Work(value, mark))

    def _skip(self, record: Record, error: str) -> None:
        """Finish a record that no role of this version can read, without a dead letter: a newer one may read it."""
        _log.warning(
            "loop.event_skipped",
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            error=error,
        )
        EVENTS_SKIPPED.labels(record.topic).inc()
        self._offsets.finish(self._offsets.track(record.source, record.offset))
        self._committer.notify_progress()

    def _accept_malformed(self, record: Record, error: str) -> None:
        """Queue a record for the dead letters, or begin a flood where there are too many."""
        if reason := self._limiter.record_invalid():
            self._begin_flood(record, reason, error)
            return
        mark = self._offsets.track(record.source, record.offset)
        self._dispatcher.put(DeadLetterKey(record.source), Work(UnprocessableRecord(record, error), mark))

    def _begin_flood(self, record: Record, reason: str, error: str) -> None:
        if self._flood is not None:
            return
        self._flood = flood_message(reason, f"{record.topic}/{record.partition}@{record.offset}", error)
        _log.error("loop.flood", group=self._group, error=self._flood)

    async def _process(self, batch: Batch[T | UnprocessableRecord]) -> None:
        """Dead-letter or handle the batch, then finish its offsets."""
        values = [work.value for work in batch.work]
        if unprocessable := [value for value in values if isinstance(value, UnprocessableRecord)]:
            await self._dead_letters.publish(unprocessable)
        else:
            try:
                await self._handle([value for value in values if not isinstance(value, UnprocessableRecord)])
            except DeadLetterLimitExceeded as flood:
                # Neither its record nor a later one is finished, so that no commit passes it.
                self._begin_flood(flood.record, flood.reason, flood.error)
                self._finish(_take_before(batch.work, flood.record))
                return
        self._finish(batch.work)

    def _finish(self, done: Iterable[Work[T | UnprocessableRecord]]) -> None:
        for work in done:
            self._offsets.finish(work.mark)
        self._committer.notify_progress()
        if self._paused or self._flood is not None:
            self._apply_backpressure()

    def _longest_overrun(self) -> Overrun | None:
        working_seconds = self._outages.working_seconds()
        longest = max(
            (
                (self._batch_overrun(batch, start, working_seconds), batch)
                for batch, start in self._dispatcher.running_batches()
            ),
            key=lambda pair: pair[0],
            default=None,
        )
        if longest is None or longest[0] <= 0:
            return None
        seconds, batch = longest
        (topic, number), _, offset = batch.work[0].mark
        return Overrun(seconds, f"{topic}/{number}@{offset}")

    def _batch_overrun(
        self, batch: Batch[T | UnprocessableRecord], start: WorkStart, working_seconds: float
    ) -> float:
        """Return the working seconds past the latest deadline in `batch`; negative before it."""
        return min(
            overrun(
                start,
                working_seconds,
                None if isinstance(work.value, UnprocessableRecord) else self._deadline(work.value),
            )
            for work in batch.work
        )

    def _apply_backpressure(self) -> None:
        """Pause the partitions that are too far ahead of their first unfinished record; resume the others."""
        if self._consumer is None:
            return
        # In a flood all are paused for good; polling goes on, so that the group keeps this member.
        spans = self._offsets.spans()
        change = (
            pause_resume(spans, self._paused, self._window)
            if self._flood is None
            else PauseResume(frozenset(spans) - self._paused, frozenset())
        )
        if change.pause:
            self._consumer.pause(change.pause)
        if change.resume:
            self._consumer.resume(change.resume)
        self._paused = (self._paused | change.pause) - change.resume


def _take_before(batch: Sequence[Work[T]], record: Record) -> list[Work[T]]:
    """Return what stands before `record` in a batch."""
    place = (record.source, record.offset)
    return list(takewhile(lambda work: (work.mark.partition, work.mark.offset) != place, batch))


def _format_partitions(partitions: Sequence[Partition]) -> list[str]:
    return [f"{topic}/{number}" for topic, number in partitions]
