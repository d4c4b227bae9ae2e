"""The journal of accepted requests: the jobs table, where whoever asks for a request finds it."""

import asyncio

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from runtime.errors import StrandlineError
from schemas.requests import AnalysisRequested
from storage.database_errors import translated
from storage.jobs import record_queued

_log = structlog.get_logger(__name__)
_PATIENCE = 2.0
_NEEDED_PATIENCE = 15.0
"""Longer than SQLite waits for a lock: the other roles of `up` write to the same file."""


class JobJournal:
    """Writes a request into `analysis_jobs` as *queued*.

    With `required` (the embedded default, whose broker forgets when it stops) a request that can't be written down
    is not accepted. Without (Kafka keeps it, and the sink writes the same row from there) it only shows up later.
    """

    def __init__(self, engine: AsyncEngine, *, required: bool) -> None:
        self._engine = engine
        self._required = required

    async def queued(self, request: AnalysisRequested) -> None:
        """Raises Transient (and what `translated` makes of a database that is not as it should be) if `required`."""
        try:
            with translated():
                await self._write(request)
        except (SQLAlchemyError, OSError, StrandlineError) as error:
            if self._required:
                raise
            _log.warning("journal.skipped", request_id=request.request_id, error=type(error).__name__)

    async def _write(self, request: AnalysisRequested) -> None:
        patience = _NEEDED_PATIENCE if self._required else _PATIENCE
        async with asyncio.timeout(patience), self._engine.begin() as connection:
            await record_queued(connection, [request])
