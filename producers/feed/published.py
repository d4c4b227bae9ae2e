"""Where a former feed stopped: its last candles on the topic, and of long timeframes the last that was analysed."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import structlog
from pydantic_core import from_json
from sqlalchemy.ext.asyncio import AsyncEngine

from broker.ports import Broker
from runtime.clock import Clock
from runtime.errors import Transient
from schemas.market import Market, instrument_key
from schemas.topics import CANDLES
from schemas.values import to_ms
from storage.candle_times import load_candle_times
from storage.database_errors import translate_errors

_log = structlog.get_logger(__name__)

_TIMEOUT = 30.0
_CHUNK = 500

_WINDOW = timedelta(minutes=75)
"""How far back the topic is read: past the last hour. A row may be ahead of the topic: requests renew it too."""


class PublishedCandles:
    """Reads what was published before this process began."""

    def __init__(self, broker: Broker, engine: AsyncEngine, clock: Clock) -> None:
        self._broker = broker
        self._engine = engine
        self._clock = clock

    async def load(self, markets: Sequence[Market]) -> Mapping[str, int]:
        """Return the open time (ms) of each market's last candle, by market key; none of what cannot be read."""
        times: dict[str, int] = {}
        try:
            with translate_errors():
                async with asyncio.timeout(_TIMEOUT), self._engine.connect() as connection:
                    for start in range(0, len(markets), _CHUNK):
                        times |= await load_candle_times(connection, markets[start : start + _CHUNK])
        except Transient as error:
            _log.warning("feed.rows_not_read", error=str(error))
        try:
            async with asyncio.timeout(_TIMEOUT):
                times |= await self._read_topic(self._clock.now() - _WINDOW)
        except (Transient, TimeoutError) as error:
            _log.warning("feed.topic_not_read", error=str(error) or "it takes too long")
        return times

    async def _read_topic(self, since: datetime) -> dict[str, int]:
        times: dict[str, int] = {}
        async with self._broker.read([CANDLES.name], since) as reader:
            records = aiter(reader)
            while not await reader.is_caught_up():
                key, opened = read_candle((await anext(records)).value)
                times[key] = max(opened, times.get(key, 0))
        return times


def read_candle(value: bytes | None) -> tuple[str, int]:
    """Return the market key and open time (ms) of a record of the candles topic; ("", 0) for another's. Pure."""
    try:
        event = from_json(value or b"")
        instrument = instrument_key(event["exchange"], event["market_type"], event["symbol"])
        return f"{instrument}:{event['timeframe']}", to_ms(datetime.fromisoformat(event["open_at"]))
    except (ValueError, TypeError, KeyError, OverflowError):
        return "", 0
