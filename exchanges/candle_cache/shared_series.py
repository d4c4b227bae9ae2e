"""Cached series in Redis, so that a process that takes a market over from another one has its candles.

A market is two hashes: its series as it was last written, and the candles that joined after it by time. A candle is
added only where the one before it is there, and removed only with a series that holds it; so whatever several
processes write, and in whatever order, what is read has no hole that the series itself did not have.
"""

import asyncio
import struct
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import structlog

from exchanges.candle_cache.changes import MAX_AGE, JoinedCandles, SeriesChanges
from exchanges.candle_cache.entry import CachedSeries
from exchanges.candle_cache.packing import pack_candles, pack_head, unpack_candles, unpack_head
from exchanges.series import find_gaps, to_bars
from runtime.clock import Clock
from runtime.settings import Settings
from schemas.market import SIMULATED, Market

if TYPE_CHECKING:
    from runtime.best_effort_redis import BestEffortRedis

_T = TypeVar("_T")

_log = structlog.get_logger(__name__)

_CALL_TIMEOUT = 2.0
"""Seconds. Series are larger than other values, and are read when the process has most to do."""

_LOOKUPS = 8
"""Series read at once, each on a connection of its own."""

_MAX_WAITING = 128_000_000
"""Bytes of series that wait to be written."""

_SERIES_PER_CALL, _MARKETS_PER_CALL = 50, 500

_PRICES = struct.Struct("<5d")
"""Open, high, low, close, volume."""

_REPLACE = """
redis.call('HSET', KEYS[1], 'head', ARGV[2], 'candles', ARGV[3], 'last', ARGV[4])
redis.call('EXPIRE', KEYS[1], ARGV[1])
for _, time in ipairs(redis.call('HKEYS', KEYS[2])) do
  if tonumber(time) <= tonumber(ARGV[4]) then redis.call('HDEL', KEYS[2], time) end
end
return 1
"""
"""Arguments: seconds until it expires, head, packed candles, time of the last one."""

_ADD = """
local last = tonumber(redis.call('HGET', KEYS[1], 'last') or '')
if not last then return 0 end
for place = 2, #ARGV, 3 do
  local before, time, prices = ARGV[place], ARGV[place + 1], ARGV[place + 2]
  if tonumber(before) > last and redis.call('HEXISTS', KEYS[2], before) == 0 then return 0 end
  redis.call('HSET', KEYS[2], time, prices)
end
redis.call('EXPIRE', KEYS[1], ARGV[1])
redis.call('EXPIRE', KEYS[2], ARGV[1])
return 1
"""
"""Arguments: seconds until they expire; of each candle the time of the one before it, its own, and its prices. Returns
0 where the candles before it are missing."""


class SharedSeries:
    """A SeriesStore in Redis. While that is away nothing is found, and what was to be written is dropped.

    `prefix` is the installation's. Close it.
    """

    def __init__(
        self, writes: "BestEffortRedis", reads: "BestEffortRedis", clock: Clock, prefix: str = ""
    ) -> None:
        # Apart, so that a full Redis, which refuses writes, is read.
        self._writes = writes
        self._reads = reads
        self._clock = clock
        self._prefix = prefix
        self._slots = asyncio.Semaphore(_LOOKUPS)
        self._changes = SeriesChanges(_MAX_WAITING)
        self.record_series = self._changes.record_series
        self.record_candles = self._changes.record_candles

    async def load(self, market: Market) -> CachedSeries | None:
        """Return the series that a process has written last; None where there is none, or none that can be read."""
        async with self._slots:
            found = await self._reads.call(lambda: self._read(market.key))
        if found is None or found[0][0] is None:
            return None
        (head, packed), newer = found
        try:
            entry = self._unpack(head, packed, newer)
        except (ValueError, TypeError, KeyError, struct.error) as error:
            _log.warning("candle_cache.series_not_read", market=market.key, error=str(error))
            return None
        if not set(find_gaps(to_bars(entry.series), market.timeframe)) <= set(entry.series.gaps):
            return None
        self._changes.set_newer(market.key, len(newer))
        return entry

    async def flush(self) -> None:
        """Write what is recorded now. A series that Redis did not take, or lacks candles of, is written as a whole
        once its next candle joins."""
        changes = self._changes.take()
        for series in _split(changes.series, _SERIES_PER_CALL):
            self._changes.rewrite(await self._replace(series))
        for candles in _split(changes.candles, _MARKETS_PER_CALL):
            self._changes.rewrite(await self._add(candles))

    async def close(self) -> None:
        await self._writes.close()
        await self._reads.close()

    async def _read(self, market_key: str) -> Any:
        series, newer = self._keys(market_key)
        pipeline = self._reads.client.pipeline(transaction=True)
        pipeline.hmget(series, ["head", "candles"])
        pipeline.hgetall(newer)
        return await pipeline.execute()

    def _unpack(self, head: bytes, packed: bytes, newer: Mapping[bytes, bytes]) -> CachedSeries:
        rows = [(float(time), *_PRICES.unpack(prices)) for time, prices in newer.items()]
        now, monotonic = self._clock.now().timestamp(), self._clock.monotonic()
        return unpack_head(head.decode(), unpack_candles(packed, rows), now, monotonic)

    async def _replace(self, series: Mapping[str, CachedSeries]) -> list[str]:
        """Write series as a whole, and return the markets of those that were not written."""
        offset = self._clock.now().timestamp() - self._clock.monotonic()
        packed = await asyncio.to_thread(
            lambda: [_pack_series(entry, entry.fetched_at + offset) for entry in series.values()]
        )
        return await self._run(_REPLACE, dict(zip(series, packed, strict=True)))

    async def _add(self, joined: Mapping[str, JoinedCandles]) -> list[str]:
        """Write candles one by one, and return the markets of which candles before them are missing."""
        return await self._run(_ADD, {key: [MAX_AGE, *_pack_joined(one)] for key, one in joined.items()})

    async def _run(self, script: str, arguments: Mapping[str, list[Any]]) -> list[str]:
        pipeline = self._writes.client.pipeline(transaction=False)
        for market_key, given in arguments.items():
            pipeline.eval(script, 2, *self._keys(market_key), *given)
        written = await self._writes.call(pipeline.execute)
        return [key for key, done in zip(arguments, written or [0] * len(arguments), strict=True) if not done]

    def _keys(self, market_key: str) -> tuple[str, str]:
        series = f"strandline:{self._prefix}series:{{{market_key}}}"  # in braces: one slot of a cluster
        return series, f"{series}:newer"


def open_shared_series(settings: Settings, clock: Clock) -> SharedSeries | None:
    """Return the store; None without Redis, where it is off, and for the simulated exchange, whose candles change when
    it starts again."""
    if settings.redis_url is None or not settings.shared_series or SIMULATED in settings.exchanges:
        return None
    # Imported here: a process without Redis does not load its client.
    from runtime.best_effort_redis import BestEffortRedis  # noqa: PLC0415

    url = settings.redis_url.get_secret_value()
    writes, reads = (BestEffortRedis.from_url(url, clock, _CALL_TIMEOUT) for _ in range(2))
    return SharedSeries(writes, reads, clock, settings.topic_prefix)


def _split(of_markets: Mapping[str, _T], size: int) -> Iterator[dict[str, _T]]:
    waiting = iter(of_markets.items())
    while part := dict(islice(waiting, size)):
        yield part


def _pack_series(entry: CachedSeries, fetched_at: float) -> list[Any]:
    closed = entry.series.closed
    last = int(closed.time[-1]) if len(closed) else -1  # a market that was listed a moment ago
    return [MAX_AGE, pack_head(entry, fetched_at), pack_candles(closed), last]


def _pack_joined(joined: JoinedCandles) -> Iterator[int | bytes]:
    times = joined.entry.series.closed.time
    for candle in joined.candles:
        place = int(np.searchsorted(times, candle.time))
        yield int(times[max(0, place - 1)])
        yield candle.time
        yield _PRICES.pack(candle.open, candle.high, candle.low, candle.close, candle.volume)
