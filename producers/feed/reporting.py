"""Stores how far the feed has come, so that the status of the pipeline shows a feed that stands still."""

import asyncio
from collections.abc import Callable, Sequence

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from runtime.clock import Clock
from runtime.errors import Transient
from schemas.records import FeedRecord
from storage.database_errors import translate_errors
from storage.feeds import store_feeds

_log = structlog.get_logger(__name__)

_SECONDS = 10.0
_TIMEOUT = 5.0


async def report_progress(
    engine: AsyncEngine, read: Callable[[], Sequence[FeedRecord]], clock: Clock
) -> None:
    """Store what `read` returns every 10 s until cancelled; the candles do not wait for it."""
    while True:
        await clock.sleep(_SECONDS)
        try:
            with translate_errors():
                async with asyncio.timeout(_TIMEOUT), engine.begin() as connection:
                    await store_feeds(connection, read())
        except Transient as error:
            _log.warning("feed.not_reported", error=str(error))
