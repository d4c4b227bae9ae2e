"""Where candles for charts are kept: in Redis for all processes, or in this one."""

import heapq
import zlib
from typing import Protocol

from pydantic import SecretStr

from runtime.best_effort_redis import BestEffortRedis
from runtime.clock import Clock
from runtime.lru import LruDict

MOST_BYTES = 64_000_000
"""Of a process, in its memory or in Redis; an answer of 1,000 candles is some 120,000, a quarter of it compressed."""


class KlineStore(Protocol):
    async def get(self, key: str) -> bytes | None: ...

    async def put(self, key: str, value: bytes, seconds: float) -> None: ...

    async def close(self) -> None: ...


class RedisKlines:
    """None of it matters while Redis is away: then the exchange is asked.

    This process has at most `most` bytes there, and what comes on top is not kept: anybody may ask for any page, and
    the budgets of exchanges are in the same Redis.
    """

    def __init__(self, redis: BestEffortRedis, clock: Clock, most: int = MOST_BYTES) -> None:
        self._redis = redis
        self._clock = clock
        self._most = most
        self._weight = 0
        self._ends: list[tuple[float, int]] = []

    async def get(self, key: str) -> bytes | None:
        found: bytes | None = await self._redis.call(lambda: self._redis.client.get(_name(key)))
        return None if found is None else zlib.decompress(found)

    async def put(self, key: str, value: bytes, seconds: float) -> None:
        packed = zlib.compress(value, 1)
        if not self._has_room(len(packed), seconds):
            return
        milliseconds = max(1, int(seconds * 1_000))
        await self._redis.call(lambda: self._redis.client.set(_name(key), packed, px=milliseconds))

    async def close(self) -> None:
        await self._redis.close()

    def _has_room(self, weight: int, seconds: float) -> bool:
        now = self._clock.monotonic()
        while self._ends and self._ends[0][0] <= now:
            self._weight -= heapq.heappop(self._ends)[1]
        if self._weight + weight > self._most:
            return False
        heapq.heappush(self._ends, (now + seconds, weight))
        self._weight += weight
        return True


class LocalKlines:
    """In memory, bounded by `most` bytes; the least recently used are dropped first."""

    def __init__(self, clock: Clock, most: int = MOST_BYTES) -> None:
        self._clock = clock
        self._entries: LruDict[str, tuple[float, bytes]] = LruDict(most, lambda entry: len(entry[1]))

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
        """Nothing is open."""


def _name(key: str) -> str:
    return f"strandline:klines:{key}"


def opened(url: SecretStr | None, clock: Clock) -> KlineStore:
    """In Redis where there is a URL."""
    if url is None:
        return LocalKlines(clock)
    return RedisKlines(BestEffortRedis.from_url(url.get_secret_value(), clock), clock)
