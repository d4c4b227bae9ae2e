"""The journal of accepted requests: the jobs table, from which the API answers for a request."""

import asyncio

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from runtime.errors import StrandlineError
from schemas.requests import AnalysisRequested
from storage.database_errors import translate_errors
from storage.jobs import record_queued

_log = structlog.get_logger(__name__)
_TIMEOUT = 2.0
_REQUIRED_TIMEOUT = 15.0
"""Seconds; longer than SQLite waits for a lock, since the other roles of `up` write to the same file."""


class JobJournal:
    """Writes a request into `analysis_jobs` as *queued*.

    With `required` (the embedded default, whose broker keeps nothing after a stop) a request that cannot be written
    is not accepted. Without it (Kafka keeps the request, and the sink writes the same row from there) the job only
    appears later.
    """

    def __init__(self, engine: AsyncEngine, *, required: bool) -> None:
        self._engine = engine
        self._required = required

    async def record(self, request: AnalysisRequested) -> None:
        """Write the job. Where `required`, raises Transient, or ConfigurationError for a wrong database."""
        try:
            with translate_errors():
                await self._write(request)
        except (SQLAlchemyError, OSError, StrandlineError) as error:
            if self._required:
                raise
            _log.warning("journal.skipped", request_id=request.request_id, error=type(error).__name__)

    async def _write(self, request: AnalysisRequested) -> None:
        timeout = _REQUIRED_TIMEOUT if self._required else _TIMEOUT
        async with asyncio.timeout(timeout), self._engine.begin() as connection:
            await record_queued(connection, [request])
