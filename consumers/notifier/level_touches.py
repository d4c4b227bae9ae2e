"""How often each level was visited: by the events that have it, else by the table of levels."""

import asyncio
from typing import TYPE_CHECKING

import structlog

from runtime.errors import Transient
from runtime.lru import LruDict
from schemas.level_events import AnyLevelEvent

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

_MAX_LEVELS = 200_000
_MAX_QUERIES = 4
"""Queries at once: more would time out while they wait for a connection."""
_log = structlog.get_logger(__name__)


class LevelTouches:
    """Remembers the visits of levels; without a database only what the events since the start have shown."""

    def __init__(self, engine: "AsyncEngine | None") -> None:
        self._engine = engine
        self._known: LruDict[tuple[str, str], int] = LruDict(_MAX_LEVELS)
        self._slots = asyncio.Semaphore(_MAX_QUERIES)

    def note(self, event: AnyLevelEvent) -> int | None:
        """Return the visits to the level of an event, as far as events have shown them."""
        key = event.market.key, event.level_id
        touches: int | None = getattr(event, "touches", None)
        if touches is None:
            return self._known.get(key)
        self._known.put(key, touches)
        return touches

    async def find(self, event: AnyLevelEvent) -> int | None:
        """Return the visits that the table has, which is asked once; None where it has none, or does not answer."""
        if self._engine is None:
            return None
        async with self._slots:
            known = self._known.get((event.market.key, event.level_id))
            return await self._query(self._engine, event) if known is None else known

    async def _query(self, engine: "AsyncEngine", event: AnyLevelEvent) -> int | None:
        from storage.level_touches import find_touches  # noqa: PLC0415 - loaded where there is a database only

        key = event.market.key, event.level_id
        try:
            touches = await find_touches(engine, *key)
        except (Transient, TimeoutError) as error:
            _log.warning("notify.touches_unknown", event_id=event.event_id, error=str(error))
            return None
        if touches is not None and key not in self._known:  # an event that came in between is newer
            self._known.put(key, touches)
        return touches
