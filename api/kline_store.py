"""Where candles for charts are kept: in Redis for all processes, or in this one."""

from collections import OrderedDict
from typing import Protocol

from pydantic import SecretStr

from runtime.clock import Clock
from runtime.patient_redis import PatientRedis

_MOST_BYTES = 64_000_000
"""Of a process; an answer of 1,000 candles is some 120,000."""


class KlineStore(Protocol):
    async def get(self, key: str) -> bytes | None: ...

    async def put(self, key: str, value: bytes, seconds: float) -> None: ...

    async def close(self) -> None: ...


class RedisKlines:
    """None of it matters while Redis is away: then the exchange is asked."""

    def __init__(self, redis: PatientRedis) -> None:
        self._redis = redis

    async def get(self, key: str) -> bytes | None:
        found: bytes | None = await self._redis.tried(lambda: self._redis.client.get(_name(key)))
        return found

    async def put(self, key: str, value: bytes, seconds: float) -> None:
        milliseconds = max(1, int(seconds * 1_000))
        await self._redis.tried(lambda: self._redis.client.set(_name(key), value, px=milliseconds))

    async def close(self) -> None:
        await self._redis.close()


class LocalKlines:
    """In memory, bounded by `most` bytes; what was used longest ago goes first."""

    def __init__(self, clock: Clock, most: int = _MOST_BYTES) -> None:
        self._clock = clock
        self._most = most
        self._weight = 0
        self._kept: OrderedDict[str, tuple[float, bytes]] = OrderedDict()

    async def get(self, key: str) -> bytes | None:
        until, value = self._kept.get(key, (0.0, b""))
        if until <= self._clock.monotonic():
            self._drop(key)
            return None
        self._kept.move_to_end(key)
        return value

    async def put(self, key: str, value: bytes, seconds: float) -> None:
        self._drop(key)
        self._kept[key] = self._clock.monotonic() + seconds, value
        self._weight += len(value)
        while self._weight > self._most:
            self._drop(next(iter(self._kept)))

    async def close(self) -> None:
        """Nothing is open."""

    def _drop(self, key: str) -> None:
        if key in self._kept:
            self._weight -= len(self._kept.pop(key)[1])


def _name(key: str) -> str:
    return f"strandline:klines:{key}"


def opened(url: SecretStr | None, clock: Clock) -> KlineStore:
    """In Redis where there is a URL."""
    return LocalKlines(clock) if url is None else RedisKlines(PatientRedis.at(url.get_secret_value(), clock))
