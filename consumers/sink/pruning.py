"""Old lines of history and old ended jobs are taken away: a little at a time, between batches.

A market's newest line stays however old it is: what an idle market's row says can be asked for by time as well.
Several sinks may do it at once. Whatever goes wrong with it is logged and tried again later: it holds up no result.
"""

import asyncio
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Column, ColumnElement, Table, and_, delete, exists, or_, select, true, tuple_
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from runtime.clock import Clock
from schemas.tables import analysis_history, analysis_jobs, watch_fires, watches
from schemas.values import naive
from storage.database_errors import told

_log = structlog.get_logger(__name__)

PORTION = 1_000
"""Rows of each table in one go."""

SOON, LATER = 1.0, 3_600.0
"""Seconds until the next go: where there may be more, and where all is done."""


_SEEN_BY_ALL = timedelta(days=1)
"""After which every watcher has long seen that a watch was deleted."""


def _outdone() -> ColumnElement[bool]:
    """Whether a line of history has another of its market above it, in the order of the row's guard."""
    line, later = analysis_history.c, analysis_history.alias("later")
    return exists().where(
        later.c.market == line.market,
        or_(
            later.c.candle_at > line.candle_at,
            and_(later.c.candle_at == line.candle_at, later.c.analyzed_at > line.analyzed_at),
        ),
    )


class Pruning:
    """`history_days` counts from when a line or fire was recorded, `jobs_days` from a job's end: a queued one stays."""

    def __init__(
        self,
        engine: AsyncEngine,
        clock: Clock,
        *,
        history_days: float,
        jobs_days: float,
        portion: int = PORTION,
        timeout: float = 10.0,
    ) -> None:
        # SQLite: a transaction that reads first and then writes must take its lock at once, or may be refused it.
        self._engine = engine.execution_options(sqlite_begin="IMMEDIATE")
        self._clock = clock
        self._ages: tuple[tuple[Column[datetime], timedelta, ColumnElement[bool]], ...] = (
            (analysis_history.c.recorded_at, timedelta(days=history_days), _outdone()),
            (analysis_jobs.c.ended_at, timedelta(days=jobs_days), true()),
            (watch_fires.c.recorded_at, timedelta(days=history_days), true()),
            (watches.c.deleted_at, _SEEN_BY_ALL, true()),
        )
        self._portion = portion
        self._timeout = timeout
        self._due = clock.monotonic()

    async def turn(self) -> None:
        """Delete one portion of each table if it is time for it; within `timeout` seconds."""
        if self._clock.monotonic() < self._due:
            return
        more = False
        try:
            async with asyncio.timeout(self._timeout):
                more = await self._prune()
        except (SQLAlchemyError, OSError) as error:
            _log.warning("sink.not_pruned", error=told(error), seconds=LATER)
        self._due = self._clock.monotonic() + (SOON if more else LATER)

    async def _prune(self) -> bool:
        """Whether there may be more."""
        now = naive(self._clock.now())
        deleted = []
        for time, age, superfluous in self._ages:
            # A transaction each: locks are held for no longer than one table takes.
            async with self._engine.begin() as connection:
                old = and_(time < now - age, superfluous)
                deleted.append(await _delete_oldest(connection, time, old, self._portion))
        return max(deleted) >= self._portion


async def _delete_oldest(
    connection: AsyncConnection, time: Column[datetime], old: ColumnElement[bool], most: int
) -> int:
    """How many rows went, the oldest first. By their keys, since not every SQLite knows DELETE with a LIMIT."""
    table: Table = time.table
    key = table.primary_key.columns
    found = await connection.execute(select(*key).where(old).order_by(time).limit(most))
    keys = [tuple(row) for row in found]
    if keys:
        await connection.execute(delete(table).where(tuple_(*key).in_(keys)))
    return len(keys)
