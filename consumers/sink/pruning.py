"""Delete old history, jobs, fires, events of levels, retired levels and deleted watches: a few rows at a time.

A market's latest line of history stays however old it is, so that an idle market's row can still be queried by time.
Several sinks may prune at once. An error is logged and retried later; it delays no result.
"""

import asyncio
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog
from sqlalchemy import Column, ColumnElement, Table, and_, delete, exists, or_, select, true, tuple_
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from runtime.clock import Clock
from schemas.tables import analysis_history, analysis_jobs, level_events, levels, watch_fires, watches
from schemas.values import to_naive_utc
from storage.database_errors import describe_error

_log = structlog.get_logger(__name__)

CHUNK_SIZE = 1_000
"""Rows of each table that one run deletes at most."""

BUSY_INTERVAL, IDLE_INTERVAL = 1.0, 3_600.0
"""Seconds until the next run: when more rows may be due, and when none is."""

_DELETED_WATCH_AGE = timedelta(days=1)
"""After this every watcher has seen that a watch was deleted."""


class RetentionRule(NamedTuple):
    """Rows whose `time` is older than `age` are deleted where `condition` holds."""

    time: Column[datetime]
    age: timedelta
    condition: ColumnElement[bool]


class Pruner:
    """`history_days` counts from when a line or fire was recorded, `jobs_days` from a job's end: queued jobs stay.

    `level_events_days` counts from when an event was recorded, and from a level's last one: those not retired stay.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        clock: Clock,
        *,
        history_days: float,
        jobs_days: float,
        level_events_days: float = 30.0,
        chunk_size: int = CHUNK_SIZE,
        timeout: float = 10.0,
    ) -> None:
        # SQLite: a transaction that reads and then writes must lock at once, or the lock may be refused.
        self._engine = engine.execution_options(sqlite_begin="IMMEDIATE")
        self._clock = clock
        self._rules = (
            RetentionRule(analysis_history.c.recorded_at, timedelta(days=history_days), _has_later_line()),
            RetentionRule(analysis_jobs.c.ended_at, timedelta(days=jobs_days), true()),
            RetentionRule(watch_fires.c.recorded_at, timedelta(days=history_days), true()),
            RetentionRule(level_events.c.recorded_at, timedelta(days=level_events_days), true()),
            RetentionRule(
                levels.c.updated_at, timedelta(days=level_events_days), levels.c.state == "retired"
            ),
            RetentionRule(watches.c.deleted_at, _DELETED_WATCH_AGE, true()),
        )
        self._chunk_size = chunk_size
        self._timeout = timeout
        self._due_at = clock.monotonic()

    async def prune_if_due(self) -> None:
        """Delete one chunk of each table if the interval has passed, within `timeout` seconds."""
        if self._clock.monotonic() < self._due_at:
            return
        may_have_more = False
        try:
            async with asyncio.timeout(self._timeout):
                may_have_more = await self._prune()
        except (SQLAlchemyError, OSError) as error:
            _log.warning("sink.not_pruned", error=describe_error(error), seconds=IDLE_INTERVAL)
        self._due_at = self._clock.monotonic() + (BUSY_INTERVAL if may_have_more else IDLE_INTERVAL)

    async def _prune(self) -> bool:
        """Return whether more rows may be due."""
        now = to_naive_utc(self._clock.now())
        counts = []
        for rule in self._rules:
            # One transaction for each table, so that locks are held no longer than that table takes.
            async with self._engine.begin() as connection:
                is_due = and_(rule.time < now - rule.age, rule.condition)
                counts.append(await _delete_oldest(connection, rule.time, is_due, self._chunk_size))
        return max(counts) >= self._chunk_size


def _has_later_line() -> ColumnElement[bool]:
    """Return the condition that a line of history has a later one of its market, in the order of the row's guard."""
    line, later = analysis_history.c, analysis_history.alias("later")
    return exists().where(
        later.c.market == line.market,
        or_(
            later.c.candle_at > line.candle_at,
            and_(later.c.candle_at == line.candle_at, later.c.analyzed_at > line.analyzed_at),
        ),
    )


async def _delete_oldest(
    connection: AsyncConnection, time: Column[datetime], is_due: ColumnElement[bool], limit: int
) -> int:
    """Delete the oldest rows that are due and return how many; by key, as not every SQLite has DELETE with LIMIT."""
    table: Table = time.table
    key = table.primary_key.columns
    found = await connection.execute(select(*key).where(is_due).order_by(time).limit(limit))
    keys = [tuple(row) for row in found]
    if keys:
        await connection.execute(delete(table).where(tuple_(*key).in_(keys)))
    return len(keys)
