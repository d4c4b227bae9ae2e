"""Write events to the tables. Outages are retried; a row that the database rejects is isolated and dead-lettered.

When too many rows are rejected it stops instead: a table that takes no row must not drain its topic into the dead
letters.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from structlog.contextvars import bound_contextvars

from broker.dead_letters.limit import DeadLetterLimit, DeadLetterLimiter, DeadLetterLimitExceeded
from broker.dead_letters.publisher import DeadLetterPublisher, UnprocessableRecord
from broker.outages import Outages
from broker.ports import Broker, Record
from broker.retry import Backoff, attempts
from consumers.sink.decode import QueuedRequest, SinkEvent, decode_event
from consumers.sink.invalidation import CacheInvalidation
from consumers.sink.reporting import count_results, record_spans
from consumers.sink.transaction import Changes, to_job_changes, write_events
from runtime.clock import Clock
from runtime.errors import Malformed, StrandlineError, Transient
from runtime.metrics import SINK_BATCH, SINK_BATCH_SECONDS, SINK_RETRIES
from schemas.topics import DEAD_LETTERS
from storage import jobs
from storage.database_errors import Fault, classify, describe_error, to_configuration_error

_log = structlog.get_logger(__name__)

# A deadlock is over at once, an outage is not.
_BACKOFF = Backoff(initial=0.05, maximum=30.0)

# What SQLAlchemy raises, and what its drivers pass on: sockets and deadlines (OSError), values that cannot be bound.
_DATABASE_ERRORS = (SQLAlchemyError, OSError, OverflowError, UnicodeEncodeError)


class RowRejected(Malformed):
    """The database refuses a value in this batch."""


class Sink:
    """Decodes and handles events for the consumer loop. `transaction_timeout` is in seconds."""

    def __init__(
        self,
        *,
        engine: AsyncEngine,
        broker: Broker,
        clock: Clock,
        exchange: str,
        invalidation: CacheInvalidation | None = None,
        outages: Outages | None = None,
        dead_letter_limit: DeadLetterLimit | None = None,
        transaction_timeout: float = 30.0,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._exchange = exchange
        self._invalidation = invalidation or CacheInvalidation(None, clock)
        self._transaction_timeout = transaction_timeout
        self._draw = draw
        self._outages = outages or Outages(clock)
        self._limiter = DeadLetterLimiter(
            dead_letter_limit or DeadLetterLimit(), "are rejected by the database"
        )
        self._dead_letters = DeadLetterPublisher(broker, DEAD_LETTERS.name, clock, self._outages)

    def decode(self, record: Record) -> SinkEvent:
        """Decode a record of one of the sink's topics. Raises Malformed."""
        return decode_event(record, exchange=self._exchange, now=self._clock.now())

    def ordering_key(self, _item: SinkEvent) -> Hashable:
        """Give all events one key: one transaction at a time, with everything that arrived during the last one."""
        return "sink"

    async def handle(self, batch: Sequence[SinkEvent]) -> None:
        """Return once every event is in the tables or in the dead letters, however long that takes.

        Raises ConfigurationError where neither a retry nor a dead letter helps (no such table, no permission), and
        DeadLetterLimitExceeded where so many rows are rejected that no more may be dead-lettered.
        """
        SINK_BATCH.observe(len(batch))
        if items := [item for item in batch if item.event is not None]:
            with SINK_BATCH_SECONDS.time():
                await self._write_or_bisect(items)

    async def _write_or_bisect(self, items: Sequence[SinkEvent]) -> None:
        """Write `items` in one transaction; halve a rejected batch until each rejected event is alone."""
        try:
            await self._write(items)
        except RowRejected as error:
            if len(items) == 1:
                await self._give_up(items[0], str(error))
                return
            middle = len(items) // 2
            await self._write_or_bisect(items[:middle])
            await self._write_or_bisect(items[middle:])

    async def _write(self, items: Sequence[SinkEvent]) -> None:
        """Raises RowRejected, ConfigurationError."""
        changes = Changes([], [])
        started_at = self._clock.now()

        async def work(connection: AsyncConnection) -> None:
            nonlocal changes
            changes = await write_events(connection, items, self._clock.now())
            await self._invalidation.mark_busy(changes.row_ids)

        await self._commit(work)
        self._invalidation.mark_changed(changes.row_ids)
        committed_at = self._clock.now()
        count_results(items, changes.moved, committed_at)
        record_spans(items, started_at, committed_at)
        for _ in items:
            self._limiter.record_ok()

    async def _give_up(self, item: SinkEvent, error: str) -> None:
        """Raises DeadLetterLimitExceeded."""
        if isinstance(item.event, QueuedRequest):
            await self._queue_without_content(item.event, error)
        else:
            await self._dead_letter(item, error)

    async def _queue_without_content(self, queued: QueuedRequest, error: str) -> None:
        """Record that a request is queued, and no more: the analyzer answers it, so it is no dead letter."""
        request = queued.request
        _log.warning("sink.request_not_stored", request_id=request.request_id, error=error)
        change = jobs.build_queued_change(request, queued.queued_at)
        await self._record_jobs([replace(change, request=None)])

    async def _dead_letter(self, item: SinkEvent, error: str) -> None:
        """Dead-letter one event; the requests that it answers have ended nevertheless, so their jobs end as well.

        Raises DeadLetterLimitExceeded.
        """
        if reason := self._limiter.record_invalid():
            raise DeadLetterLimitExceeded(item.record, reason, error)
        changes = to_job_changes(item, {})
        context = {"market": changes[0].market, "request_id": changes[0].request_id} if changes else {}
        with bound_contextvars(**context):
            await self._dead_letters.publish([UnprocessableRecord(item.record, error)])
            # Values that were checked and the error only, as another may be what the database rejects.
            now = self._clock.now()
            ended = [replace(change, ended_at=now, message=error, attempts=None) for change in changes]
            await self._record_jobs(ended)

    async def _record_jobs(self, changes: Sequence[jobs.JobChange]) -> None:
        """Write changes of jobs; what the database rejects is logged."""
        try:
            await self._commit(lambda connection: jobs.record_changes(connection, changes))
        except RowRejected as rejection:
            request_ids = [change.request_id for change in changes]
            _log.error("sink.job_rejected", requests=request_ids, error=str(rejection))

    async def _commit(self, work: Callable[[AsyncConnection], Awaitable[None]]) -> None:
        """Run `work` in a transaction, retried until it is committed. Raises RowRejected, ConfigurationError."""
        async for attempt in attempts(self._clock, _BACKOFF, outages=self._outages, draw=self._draw):
            with attempt, _translate_errors():
                async with asyncio.timeout(self._transaction_timeout), self._engine.begin() as connection:
                    await work(connection)
            if attempt.error:
                SINK_RETRIES.inc()
                _log.warning("sink.retry", **attempt.log_fields)


@contextmanager
def _translate_errors() -> Iterator[None]:
    """Raise an error of the database as Transient, RowRejected or ConfigurationError."""
    try:
        yield
    except _DATABASE_ERRORS as error:
        raise _to_strandline_error(error) from error


def _to_strandline_error(error: Exception) -> StrandlineError:
    match classify(error):
        case Fault.TRANSIENT:
            return Transient(describe_error(error))
        case Fault.REJECTED:
            return RowRejected(f"the database rejected it: {describe_error(error)}")
        case Fault.BROKEN:
            return to_configuration_error(error)
