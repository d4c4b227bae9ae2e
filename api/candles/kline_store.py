"""Stores of candles for charts: in Redis for all processes, or in the memory of one."""

import heapq
import zlib
from typing import TYPE_CHECKING, Protocol

from pydantic import SecretStr

from runtime.clock import Clock
from runtime.lru import LruDict

if TYPE_CHECKING:
    from runtime.best_effort_redis import BestEffortRedis

MAX_BYTES = 64_000_000
"""Bound of one process, in memory or in Redis. 1,000 candles take about 120,000 bytes, a quarter of it compressed."""


class KlineStore(Protocol):
    """A store of bytes with a time to live. Close it."""

    async def get(self, key: str) -> bytes | None:
        """Return the value; None where there is none or it has expired."""
        ...

    async def put(self, key: str, value: bytes, seconds: float) -> None:
        """Store a value for `seconds`."""
        ...

    async def close(self) -> None: ...


class RedisKlineStore:
    """A store in Redis. While Redis is away it stores nothing, and candles are fetched from the exchange.

    This process stores at most `max_bytes`, and drops what exceeds them: clients choose freely which pages they
    request, and the limiters of the exchanges use the same Redis.
    """

    def __init__(self, redis: "BestEffortRedis", clock: Clock, max_bytes: int = MAX_BYTES) -> None:
        self._redis = redis
        self._clock = clock
        self._max_bytes = max_bytes
        self._bytes = 0
        self._expiries: list[tuple[float, int]] = []

    async def get(self, key: str) -> bytes | None:
        value: bytes | None = await self._redis.call(lambda: self._redis.client.get(_redis_key(key)))
        return None if value is None else zlib.decompress(value)

    async def put(self, key: str, value: bytes, seconds: float) -> None:
        packed = zlib.compress(value, 1)
        if not self._reserve(len(packed), seconds):
            return
        milliseconds = max(1, int(seconds * 1_000))
        await self._redis.call(lambda: self._redis.client.set(_redis_key(key), packed, px=milliseconds))

    async def close(self) -> None:
        await self._redis.close()

    def _reserve(self, size: int, seconds: float) -> bool:
        """Return whether `size` bytes fit, and count them until they expire."""
        now = self._clock.monotonic()
        while self._expiries and self._expiries[0][0] <= now:
            self._bytes -= heapq.heappop(self._expiries)[1]
        if self._bytes + size > self._max_bytes:
            return False
        heapq.heappush(self._expiries, (now + seconds, size))
        self._bytes += size
        return True


class MemoryKlineStore:
    """A store in memory of at most `max_bytes`; the least recently used values are dropped first."""

    def __init__(self, clock: Clock, max_bytes: int = MAX_BYTES) -> None:
        self._clock = clock
        self._entries: LruDict[str, tuple[float, bytes]] = LruDict(max_bytes, lambda entry: len(entry[1]))

    async def get(self, key: str) -> bytes | None:
        entry = self._entries.get(key)
        if entry is None:
            return None
        expires_at, value = entry
        if expires_at <= self._clock.monotonic():
            self._entries.drop(key)
            return None
        return value

    async def put(self, key: str, value: bytes, seconds: float) -> None:
        self._entries.put(key, (self._clock.monotonic() + seconds, value))

    async def close(self) -> None:
        """Do nothing: there is nothing to close."""


def open_store(url: SecretStr | None, clock: Clock) -> KlineStore:
    """Return a store in Redis where there is a URL, else one in memory. Connects at its first use."""
    if url is None:
        return MemoryKlineStore(clock)
    # Imported here: a process without Redis does not load its client.
    from runtime.best_effort_redis import BestEffortRedis  # noqa: PLC0415

    return RedisKlineStore(BestEffortRedis.from_url(url.get_secret_value(), clock), clock)


def _redis_key(key: str) -> str:
    return f"strandline:klines:{key}"
