"""Keeps a `SymbolIndex` of the table of results, for searches that no index of the database helps.

An id may become visible after a larger one: when its transaction ends later. So the index ends at the largest id that
was visible SETTLE_SECONDS before the symbols are read, and a search also looks at every row beyond it.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from api.reading import execute_read, open_read
from api.results.symbol_index import Candidates, SymbolIndex
from runtime.clock import Clock
from runtime.errors import Transient
from runtime.tasks import cancel_and_wait
from schemas.tables import analysis_results

_log = structlog.get_logger(__name__)

SETTLE_SECONDS = 60.0
"""Longer than a transaction that inserts results; the sink's last 30 s at most."""

REBUILD_SECONDS = 600.0
"""After it a search has the symbols read again: for what has been renamed, or inserted under a small id."""

RETRY_SECONDS = 60.0
"""The same after a failure."""

_READ_SECONDS = 120.0
_CHUNK_SIZE = 500

_RESULTS = analysis_results.c


class SymbolSearch:
    """Finds rows by a part of their symbol. Nothing is read before the first, nor outside `run_in_background`."""

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._index: SymbolIndex | None = None
        self._due_at = clock.monotonic()
        self._requested = asyncio.Event()

    def find(self, part: str) -> Candidates | None:
        """Return what a search for `part` (normalized) need look at; None where it has to scan the table."""
        if self._clock.monotonic() >= self._due_at:
            self._due_at = self._clock.monotonic() + REBUILD_SECONDS
            self._requested.set()
        return self._index.find(part) if self._index is not None else None

    async def build(self) -> None:
        """Read the symbols. Raises Transient while the database is away."""
        async with open_read(self._engine) as connection:
            last_id = (await execute_read(connection, select(func.max(_RESULTS.id)))).scalar()
        await self._clock.sleep(SETTLE_SECONDS)
        self._index = SymbolIndex(last_id or 0, await self._read_symbols())

    @asynccontextmanager
    async def run_in_background(self) -> AsyncIterator[None]:
        """Read the symbols inside this context, when searches have requested it."""
        task = asyncio.create_task(self._run(), name="index of symbols")
        try:
            yield
        finally:
            await cancel_and_wait(task)

    async def _run(self) -> None:
        while True:
            await self._requested.wait()
            self._requested.clear()
            try:
                await self.build()
            except (Transient, SQLAlchemyError, OSError, TimeoutError) as error:
                # Searches scan the table, or use the index before.
                self._due_at = self._clock.monotonic() + RETRY_SECONDS
                _log.warning("symbols.not_read", error=str(error))

    async def _read_symbols(self) -> list[tuple[int, str | None]]:
        """Read ids and symbols. Without a condition on the id, as the database would then read whole rows."""
        symbols = list[tuple[int, str | None]]()
        async with asyncio.timeout(_READ_SECONDS), self._engine.connect() as connection:
            rows = await connection.stream(select(_RESULTS.id, _RESULTS.symbol))
            async for chunk in rows.partitions(_CHUNK_SIZE):
                symbols += [(row_id, symbol) for row_id, symbol in chunk]
                await asyncio.sleep(0)  # other calls are served in between
        return symbols
