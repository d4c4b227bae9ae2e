"""Old lines of history and old ended jobs are taken away: a little at a time, between batches.

Several sinks may do it at once. Whatever goes wrong with it is logged and tried again later: it holds up no result.
"""

import asyncio
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import Column, Table, delete, select, tuple_
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from runtime.clock import Clock
from runtime.database_errors import told
from schemas.tables import analysis_history, analysis_jobs

_log = structlog.get_logger(__name__)

PORTION = 1_000
"""Rows of each table in one go."""

SOON, LATER = 1.0, 3_600.0
"""Seconds until the next go: where there may be more, and where all is done."""


class Pruning:
    """`history_days` counts from when a line was recorded, `jobs_days` from a job's end: a queued one never goes."""

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
        self._ages: tuple[tuple[Column[datetime], timedelta], ...] = (
            (analysis_history.c.recorded_at, timedelta(days=history_days)),
            (analysis_jobs.c.ended_at, timedelta(days=jobs_days)),
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
        now = self._clock.now().astimezone(UTC).replace(tzinfo=None)
        deleted = []
        for time, age in self._ages:
            # A transaction each: locks are held for no longer than one table takes.
            async with self._engine.begin() as connection:
                deleted.append(await _delete_before(connection, time, now - age, self._portion))
        return max(deleted) >= self._portion


async def _delete_before(
    connection: AsyncConnection, time: Column[datetime], before: datetime, most: int
) -> int:
    """How many rows went, the oldest first. By their keys, since not every SQLite knows DELETE with a LIMIT."""
    table: Table = time.table
    key = table.primary_key.columns
    found = await connection.execute(select(*key).where(time < before).order_by(time).limit(most))
    old = [tuple(row) for row in found]
    if old:
        await connection.execute(delete(table).where(tuple_(*key).in_(old)))
    return len(old)
