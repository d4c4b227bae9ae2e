"""API answers cached in Redis, and invalidated as soon as the rows behind them change.

Every cached answer belongs to a *scope* (one row, or all lists) and carries the scope's version of when its read
began. A writer locks the scope just before it commits, and gives it a new version afterwards. An answer of another
version is ignored, so one that was read before a commit and cached after it is never returned; while a scope is
locked nothing of it is cached or returned. A writer that dies in between leaves the scope locked until the lock
expires, which is later than any answer does.

Locking is a write, which a Redis that is full, failing or read-only refuses while it still reads. So an answer counts
only under the current *lease*: a random value that expires after LEASE_SECONDS, and that every read of the cache has
to keep alive by writing it. A writer whose lock is refused removes the lease, which a full Redis still permits, or
else waits until it has expired. A lease that was lost is replaced by another, and every older answer with it.

Without Redis the database answers.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterable
from enum import Enum
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from runtime.clock import Clock
from runtime.metrics import READ_CACHE

if TYPE_CHECKING:
    from runtime.best_effort_redis import BestEffortRedis

LIST_SCOPE = "lists"
"""The scope of every answer that lists rows."""

LEASE_SECONDS = 2.0
"""How long cached answers stay valid after the last time that Redis accepted a write of a reader."""

_LOCKED = b"busy:"
_MAX_READ_SECONDS = 60.0
"""Upper bound for the time from reading a scope's version to caching the answer."""


def row_scope(result_id: int) -> str:
    return f"row:{result_id}"


_LOOK_UP = """
local lease, left = redis.call('GET', KEYS[1]), redis.call('PTTL', KEYS[1])
if not lease or left < ARGV[2] / 2 then
  lease = lease or ARGV[1]
  redis.call('SET', KEYS[1], lease, 'PX', ARGV[2])
end
return {lease, redis.call('GET', KEYS[2]), redis.call('GET', KEYS[3])}
"""
"""Renew the lease, or start another; return it with a version and an answer. In one step: a renewal that is carried
out late must not bring back a lease that had expired."""


def valid_answer(version: bytes, entry: bytes | None) -> bytes | None:
    """Return the answer in `entry` if it was read under this version of its scope. Pure."""
    if entry is None or version.startswith(_LOCKED):
        return None
    read_under, _, answer = entry.partition(b"\n")
    return answer if read_under == version else None


class ResponseCache:
    """Caches answers for at most `seconds`. Close it."""

    def __init__(self, redis: "BestEffortRedis", seconds: float) -> None:
        self.redis = redis
        self._client = redis.client
        self._look_up = redis.client.register_script(_LOOK_UP)
        self._answer_ttl_ms = max(1, int(seconds * 1_000))
        self._version_ttl_ms = int((2 * seconds + _MAX_READ_SECONDS) * 1_000)

    @classmethod
    def from_url(cls, url: str, clock: Clock, seconds: float) -> "ResponseCache":
        """Build a cache that connects on first use. Raises ConfigurationError for an invalid URL."""
        # Imported here: a process without Redis does not load its client.
        from runtime.best_effort_redis import BestEffortRedis  # noqa: PLC0415

        return cls(BestEffortRedis.from_url(url, clock), seconds)

    async def get_or_compute(self, scope: str, name: str, read: Callable[[], Awaitable[bytes]]) -> bytes:
        """Return the cached answer `name` of `scope`, or that of `read`, which is then cached.

        Raises only what `read` raises.
        """
        found = await self.begin_look_up(scope, name)
        if found is None:
            READ_CACHE.labels("away").inc()
            return await read()
        if (cached := self.take_answer(found)) is not None:
            return cached
        version = _read_version(found)
        READ_CACHE.labels("miss").inc()
        answer = await read()
        if not version.startswith(_LOCKED):
            await self.redis.call(
                lambda: self._client.set(
                    _answer_key(scope, name), version + b"\n" + answer, px=self._answer_ttl_ms
                )
            )
        return answer

    def begin_look_up(self, scope: str, name: str) -> "asyncio.Future[Any]":
        """Request the answer `name` of `scope`; `take_answer` reads what is found."""
        keys = [_LEASE_KEY, _version_key(scope), _answer_key(scope, name)]
        return self.redis.scripts.begin(self._look_up, keys, (_random_token(), int(LEASE_SECONDS * 1_000)))

    def take_answer(self, found: Any) -> bytes | None:
        """Return the valid answer among what was found, which counts as a hit; None where there is none."""
        answer = None if found is None else valid_answer(_read_version(found), found[2])
        if answer is not None:
            READ_CACHE.labels("hit").inc()
        return answer

    async def lock_scopes(self, scopes: Iterable[str]) -> bool:
        """Return no cached answer of `scopes` until they are invalidated.

        Returns whether Redis accepted it, or dropped all cached answers instead; otherwise answers may be returned
        for another LEASE_SECONDS.
        """
        return await self._set_versions(scopes, _LOCKED) is not _Outcome.REFUSED

    async def invalidate_scopes(self, scopes: Iterable[str]) -> bool:
        """Drop every answer of `scopes` read until now, and unlock them.

        Returns whether Redis accepted it; the caller repeats it otherwise.
        """
        return await self._set_versions(scopes, b"") is _Outcome.ACCEPTED

    async def close(self) -> None:
        await self.redis.close()

    async def _set_versions(self, scopes: Iterable[str], prefix: bytes) -> "_Outcome":
        # Random instead of counted: a Redis that lost its keys would count through old versions again.
        version = prefix + _random_token()
        pipeline = self._client.pipeline(transaction=False)
        for scope in scopes:
            pipeline.set(_version_key(scope), version, px=self._version_ttl_ms)

        from redis.exceptions import ResponseError  # noqa: PLC0415 (loaded by the client that this class was given)

        async def write() -> _Outcome:
            try:
                await pipeline.execute()
            except ResponseError:
                await self._client.delete(_LEASE_KEY)
                return _Outcome.DROPPED
            return _Outcome.ACCEPTED

        # Always: a writer that did not try would commit beside readers that Redis serves again.
        return await self.redis.call(write, always=True) or _Outcome.REFUSED


class _Outcome(Enum):
    """What Redis did with new versions."""

    ACCEPTED = "accepted"
    DROPPED = "dropped"
    """It refused them, and removed the lease instead."""
    REFUSED = "refused"


_LEASE_KEY = "strandline:{cache}:lease"


def _read_version(found: Any) -> bytes:
    lease: bytes = found[0]
    return (found[1] or b"") + b"@" + lease


def _version_key(scope: str) -> str:
    return f"strandline:{{cache}}:version:{scope}"  # in braces, so that a cluster keeps all keys in one slot


def _answer_key(scope: str, name: str) -> str:
    return f"strandline:{{cache}}:answer:{scope}:{name}"


def _random_token() -> bytes:
    return secrets.token_hex(8).encode()


def open_response_cache(url: SecretStr | None, clock: Clock, seconds: float) -> ResponseCache | None:
    """Open the configured cache; None without a URL, or with a lifetime of 0."""
    if url is None or not seconds:
        return None
    return ResponseCache.from_url(url.get_secret_value(), clock, seconds)
