"""Events in, rows out. Outages pause it, bad data does not: what the database rejects is found and dead-lettered.

Unless it is a flood: a table that takes no row must not send its topic into the bin.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Hashable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from structlog.contextvars import bound_contextvars

from broker.dead_letters.limit import DeadLetterLimit, DeadLetterLimiter, DeadLetterLimitExceeded
from broker.dead_letters.publisher import DeadLetterPublisher, UnprocessableRecord
from broker.outages import Outages
from broker.ports import Broker, Record
from broker.retry import Backoff, DeadLetter, Pause, decide
from consumers.sink.batch import newest
from consumers.sink.intake import Item, read_item
from consumers.sink.invalidation import Invalidation
from consumers.sink.writing import job_changes, write
from runtime import tracing
from runtime.clock import Clock
from runtime.errors import Malformed, StrandlineError, Transient
from runtime.metrics import RESULT_DELAY, RESULTS_WRITTEN, SINK_BATCH, SINK_BATCH_SECONDS, SINK_RETRIES
from schemas.cloudevents import traceparent
from schemas.events import AnalysisCompleted, AnalysisFailed
from schemas.market import candle_end
from schemas.topics import DEAD_LETTERS
from schemas.values import to_ms
from storage import jobs
from storage.database_errors import Fault, classify, misfit, told

_log = structlog.get_logger(__name__)

# A deadlock is over in no time, an outage is not.
_BACKOFF = Backoff(initial=0.05, maximum=30.0)

# What SQLAlchemy raises, and what its drivers let through: sockets, deadlines (OSError), values that can't be sent.
_DATABASE_ERRORS = (SQLAlchemyError, OSError, OverflowError, UnicodeEncodeError)


class RowRejected(Malformed):
    """The database will not have something in this batch."""


class Sink:
    """Decodes, lanes and handles for the consumer loop. `transaction_timeout` is in seconds."""

    def __init__(
        self,
        *,
        engine: AsyncEngine,
        broker: Broker,
        clock: Clock,
        exchange: str,
        invalidation: Invalidation | None = None,
        outages: Outages | None = None,
        dead_letter_limit: DeadLetterLimit | None = None,
        transaction_timeout: float = 30.0,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._exchange = exchange
        self._invalidation = invalidation or Invalidation(None, clock)
        self._transaction_timeout = transaction_timeout
        self._draw = draw
        self._outages = outages or Outages(clock)
        self._limiter = DeadLetterLimiter(
            dead_letter_limit or DeadLetterLimit(), "are rejected by the database"
        )
        self._dead_letters = DeadLetterPublisher(broker, DEAD_LETTERS.name, clock, self._outages)

    def decode(self, record: Record) -> Item:
        """Raises Malformed."""
        return read_item(record, exchange=self._exchange, now=self._clock.now())

    def ordering_key(self, _item: Item) -> Hashable:
        """Everything in one lane: one transaction at a time, as large as what came in meanwhile."""
        return "sink"

    async def handle(self, batch: Sequence[Item]) -> None:
        """Returns once every item is in the tables or in the dead letters, however long that takes.

        Raises ConfigurationError where neither waiting nor dead-lettering helps: no such table, no permission; and
        DeadLetterLimitExceeded where so many rows are rejected that no more may go to the dead letters.
        """
        SINK_BATCH.observe(len(batch))
        if items := [item for item in batch if item.news is not None]:
            with SINK_BATCH_SECONDS.time():
                await self._settle(items)

    async def _settle(self, items: Sequence[Item]) -> None:
        """Halve what is rejected until the culprit is alone; all others are written."""
        written: list[int] = []
        began = self._clock.now()

        async def work(connection: AsyncConnection) -> None:
            written[:] = await write(connection, items, self._clock.now())
            await self._invalidation.before(written)

        try:
            await self._commit(work)
            self._invalidation.after(written)
            self._count(items)
            self._trace(items, began)
            for _ in items:
                self._limiter.record_ok()
        except RowRejected as error:
            if len(items) == 1:
                await self._give_up(items[0], str(error))
                return
            middle = len(items) // 2
            await self._settle(items[:middle])
            await self._settle(items[middle:])

    def _count(self, items: Sequence[Item]) -> None:
        now = self._clock.now()
        for event in newest(item.news for item in items if isinstance(item.news, AnalysisCompleted)):
            timeframe = event.market.timeframe
            closed = candle_end(to_ms(event.candle_at), timeframe)
            RESULTS_WRITTEN.labels(timeframe).inc()
            RESULT_DELAY.labels(timeframe).observe(max(0.0, (to_ms(now) - closed) / 1_000))

    def _trace(self, items: Sequence[Item], began: datetime) -> None:
        """A transaction is of many traces: each gets a span of its length."""
        if not tracing.enabled():
            return
        now = self._clock.now()
        for item in items:
            if isinstance(item.news, AnalysisCompleted | AnalysisFailed):
                told: tracing.Attributes = {
                    "strandline.market": item.news.market.key if item.news.market is not None else "",
                    "strandline.requests": len(item.news.request_ids),
                }
                tracing.recorded(traceparent(item.record.headers), "write row", began, now, told)

    async def _give_up(self, item: Item, error: str) -> None:
        """To the dead letters. The requests that it answers have ended all the same, and their jobs say so.

        Raises DeadLetterLimitExceeded.
        """
        if reason := self._limiter.record_invalid():
            raise DeadLetterLimitExceeded(item.record, reason, error)
        changes = job_changes(item, {})
        named = {"market": changes[0].market, "request_id": changes[0].request_id} if changes else {}
        with bound_contextvars(**named):
            await self._dead_letters.publish([UnprocessableRecord(item.record, error)])
            await self._end([change for change in changes if change.status != "queued"], error)

    async def _end(self, changes: Sequence[jobs.JobChange], error: str) -> None:
        """Nothing but ids and their market, lest the job be rejected for the same reason as the row."""
        now = self._clock.now()
        ended = [replace(change, ended_at=now, message=error) for change in changes]
        try:
            await self._commit(lambda connection: jobs.record(connection, ended))
        except RowRejected as again:
            requests = [change.request_id for change in ended]
            _log.error("sink.job_rejected", requests=requests, error=str(again))

    async def _commit(self, work: Callable[[AsyncConnection], Awaitable[None]]) -> None:
        """Do `work` in a transaction, until it is committed. Raises RowRejected, ConfigurationError."""
        attempt = 0
        with ExitStack() as outage:
            while True:
                attempt += 1
                try:
                    async with asyncio.timeout(self._transaction_timeout), self._engine.begin() as connection:
                        await work(connection)
                except _DATABASE_ERRORS as error:
                    seconds = self._pause(error, attempt)
                    if attempt == 1:
                        outage.enter_context(self._outages.waiting())
                    await self._clock.sleep(seconds)
                else:
                    return

    def _pause(self, error: Exception, attempt: int) -> float:
        """Seconds until the next attempt. Raises RowRejected, ConfigurationError."""
        ours = _as_ours(error)
        decision = decide(
            ours, attempt, now=self._clock.monotonic(), deadline=None, random=self._draw(), backoff=_BACKOFF
        )
        match decision:
            case Pause(seconds):
                SINK_RETRIES.inc()
                _log.warning("sink.retry", attempt=attempt, seconds=round(seconds, 2), error=told(error))
                return seconds
            case DeadLetter(reason):
                raise RowRejected(reason) from error
            case _:
                raise ours from error


def _as_ours(error: Exception) -> StrandlineError:
    match classify(error):
        case Fault.TRANSIENT:
            return Transient(told(error))
        case Fault.REJECTED:
            return Malformed(f"the database rejected it: {told(error)}")
        case Fault.BROKEN:
            return misfit(error)
