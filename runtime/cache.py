"""Answers kept in Redis for a while, and dropped as soon as what they tell of is written anew.

Every kept answer belongs to a *scope* (one row, or all lists) and carries the scope's version of when its reading
began. Whoever writes marks the scope busy just before it commits, and gives it a new version after. An answer of
another version is as good as none, so one that was read before a commit and kept after it is never served; while a
scope is busy nothing of it is kept or served. A writer that dies in between leaves the scope busy, for longer than
anything is kept.

All waits are short, and after one that failed Redis is left alone for some seconds: then the database answers.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import structlog
from pydantic import SecretStr
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from runtime.clock import Clock
from runtime.errors import ConfigurationError

_log = structlog.get_logger(__name__)

LISTS = "lists"
"""The scope of every answer that lists rows."""

ANSWERS_WITHIN = 0.25
LEFT_ALONE = 5.0
"""Seconds: how long one call may take, and how long Redis is left alone once it did not answer."""

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

    def __init__(self, client: Redis, clock: Clock, seconds: float) -> None:
        self._client = client
        self._clock = clock
        self._kept_ms = max(1, int(seconds * 1_000))
        self._versions_ms = int((2 * seconds + _LONGEST_READ) * 1_000)
        self._left_alone_until = clock.monotonic()

    @classmethod
    def at(cls, url: str, clock: Clock, seconds: float) -> "ReadCache":
        """Connects when first used. Raises ConfigurationError for what is no Redis URL."""
        try:
            # Its own timeouts are off: `_tried` bounds every call, and redis-py's may swallow a cancellation.
            client = Redis.from_url(
                url, socket_timeout=None, socket_connect_timeout=None, retry=Retry(NoBackoff(), 1)
            )
        except ValueError as error:
            raise ConfigurationError(f"STRANDLINE_REDIS_URL: {error}") from None
        return cls(client, clock, seconds)

    async def through(self, scope: str, what: str, read: Callable[[], Awaitable[bytes]]) -> bytes:
        """The kept answer to `what`, or that of `read`, which is kept. Raises what `read` does, and nothing else."""
        found = await self._tried(lambda: self._client.mget([_version_key(scope), _key(scope, what)]))
        if found is None:
            return await read()
        version: bytes = found[0] or b""
        kept: bytes | None = found[1]
        if (answer := served(version, kept)) is not None:
            return answer
        answer = await read()
        if not version.startswith(_BUSY):
            await self._tried(
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
        await self._client.aclose()

    async def _give_versions(self, scopes: Iterable[str], prefix: bytes) -> bool:
        # Drawn, not counted: a Redis that lost its keys would count through old versions again.
        version = prefix + secrets.token_hex(8).encode()
        pipeline = self._client.pipeline(transaction=False)
        for scope in scopes:
            pipeline.set(_version_key(scope), version, px=self._versions_ms)
        return await self._tried(pipeline.execute) is not None

    async def _tried(self, call: Callable[[], Awaitable[Any]]) -> Any:
        """None where Redis did not answer in time, or was not asked."""
        if self._clock.monotonic() < self._left_alone_until:
            return None
        try:
            async with asyncio.timeout(ANSWERS_WITHIN):
                return await call()
        except (RedisError, OSError, TimeoutError) as error:
            self._left_alone_until = self._clock.monotonic() + LEFT_ALONE
            _log.warning("cache.away", error=f"{type(error).__name__}: {error}", seconds=LEFT_ALONE)
            return None


def _version_key(scope: str) -> str:
    return f"strandline:{{{scope}}}:version"  # in braces, so that a cluster keeps a scope's keys together


def _key(scope: str, what: str) -> str:
    return f"strandline:{{{scope}}}:answer:{what}"


def opened(url: SecretStr | None, clock: Clock, seconds: float) -> ReadCache | None:
    """The cache that settings ask for: None without a URL, or where nothing is to be kept."""
    return ReadCache.at(url.get_secret_value(), clock, seconds) if url is not None and seconds else None
