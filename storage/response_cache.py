"""Answers kept in Redis for a while, and dropped as soon as what they tell of is written anew.

Every kept answer belongs to a *scope* (one row, or all lists) and carries the scope's version of when its reading
began. Whoever writes marks the scope busy just before it commits, and gives it a new version after. An answer of
another version is as good as none, so one that was read before a commit and kept after it is never served; while a
scope is busy nothing of it is kept or served. A writer that dies in between leaves the scope busy, for longer than
anything is kept.

While Redis is away the database answers.
"""

import secrets
from collections.abc import Awaitable, Callable, Iterable

from pydantic import SecretStr

from runtime.best_effort_redis import PatientRedis
from runtime.clock import Clock
from runtime.metrics import READ_CACHE

LISTS = "lists"
"""The scope of every answer that lists rows."""

_BUSY = b"busy:"
_LONGEST_READ = 60.0  # seconds from when a reader saw the version until it keeps what it read, and more


def row_scope(result_id: int) -> str:
    return f"row:{result_id}"


def served(version: bytes, kept: bytes | None) -> bytes | None:
    """The answer in `kept`, if it was read under this version. Pure."""
    if kept is None or version.startswith(_BUSY):
        return None
    under, _, answer = kept.partition(b"\n")
    return answer if under == version else None


class ReadCache:
    """`seconds` is how long an answer is kept at most. Close it."""

    def __init__(self, redis: PatientRedis, seconds: float) -> None:
        self._redis = redis
        self._client = redis.client
        self._kept_ms = max(1, int(seconds * 1_000))
        self._versions_ms = int((2 * seconds + _LONGEST_READ) * 1_000)

    @classmethod
    def at(cls, url: str, clock: Clock, seconds: float) -> "ReadCache":
        """Connects when first used. Raises ConfigurationError for what is no Redis URL."""
        return cls(PatientRedis.at(url, clock), seconds)

    async def through(self, scope: str, what: str, read: Callable[[], Awaitable[bytes]]) -> bytes:
        """The kept answer to `what`, or that of `read`, which is kept. Raises what `read` does, and nothing else."""
        found = await self._redis.tried(lambda: self._client.mget([_version_key(scope), _key(scope, what)]))
        if found is None:
            READ_CACHE.labels("away").inc()
            return await read()
        version: bytes = found[0] or b""
        kept: bytes | None = found[1]
        if (answer := served(version, kept)) is not None:
            READ_CACHE.labels("hit").inc()
            return answer
        READ_CACHE.labels("miss").inc()
        answer = await read()
        if not version.startswith(_BUSY):
            await self._redis.tried(
                lambda: self._client.set(_key(scope, what), version + b"\n" + answer, px=self._kept_ms)
            )
        return answer

    async def busy(self, scopes: Iterable[str]) -> bool:
        """Say that these are about to change. Whether Redis took it."""
        return await self._give_versions(scopes, _BUSY)

    async def changed(self, scopes: Iterable[str]) -> bool:
        """Say that what was read of these until now is old. Whether Redis took it; if not, say it again."""
        return await self._give_versions(scopes, b"")

    async def close(self) -> None:
        await self._redis.close()

    async def _give_versions(self, scopes: Iterable[str], prefix: bytes) -> bool:
        # Drawn, not counted: a Redis that lost its keys would count through old versions again.
        version = prefix + secrets.token_hex(8).encode()
        pipeline = self._client.pipeline(transaction=False)
        for scope in scopes:
            pipeline.set(_version_key(scope), version, px=self._versions_ms)
        return await self._redis.tried(pipeline.execute) is not None


def _version_key(scope: str) -> str:
    return f"strandline:{{{scope}}}:version"  # in braces, so that a cluster keeps a scope's keys together


def _key(scope: str, what: str) -> str:
    return f"strandline:{{{scope}}}:answer:{what}"


def opened(url: SecretStr | None, clock: Clock, seconds: float) -> ReadCache | None:
    """The cache that settings ask for: None without a URL, or where nothing is to be kept."""
    return ReadCache.at(url.get_secret_value(), clock, seconds) if url is not None and seconds else None
