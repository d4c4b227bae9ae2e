"""Where a former feed stopped: the last candle of each market that was analysed."""

import asyncio
from collections.abc import Mapping, Sequence

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from runtime.errors import Transient
from schemas.market import Market
from storage.candle_times import load_candle_times
from storage.database_errors import translate_errors

_log = structlog.get_logger(__name__)

_TIMEOUT = 30.0
_CHUNK = 500


async def load_published(engine: AsyncEngine, markets: Sequence[Market]) -> Mapping[str, int]:
    """Return the open time (ms) of each market's last analysed candle; none while the database does not answer."""
    times: dict[str, int] = {}
    try:
        with translate_errors():
            async with asyncio.timeout(_TIMEOUT), engine.connect() as connection:
                for start in range(0, len(markets), _CHUNK):
                    times |= await load_candle_times(connection, markets[start : start + _CHUNK])
    except Transient as error:
        _log.warning("feed.rows_not_read", error=str(error))
    return times
