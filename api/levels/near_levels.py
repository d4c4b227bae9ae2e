"""The index of published levels, loaded from the table once and kept current by the live stream."""

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import structlog
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from api.levels.question import NearAnswer, NearQuestion
from api.prices.live_prices import LivePrices
from api.reading import fetch_all, open_read, select_columns
from api.results.views import to_detail
from runtime.clock import Clock
from runtime.errors import StrandlineError, Transient
from runtime.lru import LruDict
from schemas.events import AnalysisCompleted
from schemas.records import ResultRecord
from schemas.symbols import InvalidMarket
from schemas.tables import analysis_results
from schemas.values import to_naive_utc

if TYPE_CHECKING:
    from api.levels.level_index import LevelIndex

_log = structlog.get_logger(__name__)

_R = analysis_results.c
_CHUNK_SIZE = 100
"""Rows that are parsed at once: a few milliseconds, so that other calls are served between."""

_OVERLAP = timedelta(seconds=30)
"""A result is on the topic this long before its row is committed, at most."""


_SHARED_SECONDS = 0.25
_UNCHANGED_SECONDS = 5.0
"""After this time prices may have expired."""
_MAX_SHARED = 64
"""Questions whose answers are shared."""


class _Shared(NamedTuple):
    """An answer, when it was given (monotonic seconds), and after how many prices and results."""

    at: float
    changes: tuple[int, int]
    answer: NearAnswer


class NearLevels:
    """Answers questions for levels near the price. Nothing is loaded before `load_early` or the first question.

    `update` takes the results of the stream, `mark_interrupted` that some were missed: rows that changed since are then
    read again.
    """

    def __init__(self, engine: AsyncEngine, prices: LivePrices, clock: Clock) -> None:
        self._engine = engine
        self._prices = prices
        self._clock = clock
        self._index: LevelIndex | None = None
        self._loading = asyncio.Lock()
        self._read_at: datetime | None = None
        self._due: list[datetime] = []
        self._results = 0
        self._shared: LruDict[NearQuestion, _Shared] = LruDict(_MAX_SHARED)

    def update(self, event: AnalysisCompleted) -> None:
        """Put a result, once the index is used."""
        self._results += 1
        if self._index is not None:
            from api.levels.stored_levels import put_event  # noqa: PLC0415 - numpy is loaded at the first question

            put_event(self._index, event)

    def mark_interrupted(self) -> None:
        """Read what has changed at the next question, and once more later: a result's row follows its event."""
        self._results += 1
        now = self._clock.now()
        self._due = [now, now + _OVERLAP]

    async def load_early(self) -> None:
        """Load the index before it is used; where the database is away, the first question loads it."""
        try:
            await self._load_if_due()
        except StrandlineError as error:
            _log.warning("near.not_read", error=str(error))

    async def ask(self, question: NearQuestion) -> NearAnswer:
        """Return the nearest levels. Raises Transient where the database is away and nothing is loaded."""
        index = await self._load_if_due()
        return index.ask(question, self._prices.get_all())

    async def ask_shared(self, question: NearQuestion) -> NearAnswer:
        """Return the answer to an equal question of the last quarter second, or of the last 5 s if nothing changed.

        Raises as `ask` does.
        """
        now, changes = self._clock.monotonic(), (self._prices.updates, self._results)
        shared = self._shared.get(question)
        if shared is not None:
            age = now - shared.at
            if age < _SHARED_SECONDS or (age < _UNCHANGED_SECONDS and shared.changes == changes):
                return shared.answer
        answer = await self.ask(question)
        self._shared.put(question, _Shared(now, changes, answer))
        return answer

    async def _load_if_due(self) -> "LevelIndex":
        from api.levels.level_index import LevelIndex  # noqa: PLC0415 - numpy is loaded at the first question

        async with self._loading:
            if self._index is None:
                self._index = LevelIndex()
                self.mark_interrupted()
            now = self._clock.now()
            if any(due <= now for due in self._due):
                await self._read_again(self._index, now)
            return self._index

    async def _read_again(self, index: "LevelIndex", now: datetime) -> None:
        """Raises Transient where nothing has been read before; otherwise what is known serves on."""
        try:
            await self._load(index, self._read_at)
        except Transient as error:
            if self._read_at is None:
                raise
            _log.warning("near.not_read", error=str(error))
            return
        self._due = [due for due in self._due if due > now]
        self._read_at = now

    async def _load(self, index: "LevelIndex", since: datetime | None) -> None:
        """Put the rows that were written since, all of them for None, a chunk at a time."""
        from api.levels.stored_levels import put_row  # noqa: PLC0415 - numpy is loaded at the first question

        ids = select(_R.id).order_by(_R.id)
        if since is not None:
            ids = ids.where(_R.updated_at >= to_naive_utc(since - _OVERLAP))
        async with open_read(self._engine) as connection:
            found = list((await connection.execute(ids)).scalars())
        for start in range(0, len(found), _CHUNK_SIZE):
            chunk = select_columns(analysis_results).where(_R.id.in_(found[start : start + _CHUNK_SIZE]))
            async with open_read(self._engine) as connection:
                records: list[ResultRecord] = await fetch_all(connection, chunk)
            for record in records:
                try:
                    put_row(index, to_detail(record))
                except (InvalidMarket, ValidationError):
                    _log.warning("row.skipped", row=record["id"])
            await asyncio.sleep(0)
