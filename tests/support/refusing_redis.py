"""A real Redis that reads and refuses writes: full, without its replicas, or a read-only replica itself."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from redis.asyncio import Redis

from tests.support.containers import find_free_port

Refusal = Callable[[Redis], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def full_redis(redis: Redis) -> AsyncIterator[None]:
    """Let Redis refuse what takes memory, as when it is full."""
    await redis.config_set("maxmemory", 1)
    try:
        yield
    finally:
        await redis.config_set("maxmemory", 0)


@asynccontextmanager
async def redis_without_replicas(redis: Redis) -> AsyncIterator[None]:
    """Let Redis refuse every write for want of replicas; after a failed save it refuses as much."""
    await redis.config_set("min-replicas-to-write", 1)
    try:
        yield
    finally:
        await redis.config_set("min-replicas-to-write", 0)


@asynccontextmanager
async def read_only_redis(redis: Redis) -> AsyncIterator[None]:
    """Let Redis be a read-only replica of a primary that is away, as after a failover."""
    await redis.execute_command("REPLICAOF", "127.0.0.1", find_free_port())
    try:
        yield
    finally:
        await redis.execute_command("REPLICAOF", "NO", "ONE")


# They change the whole server, not only the database of a test's worker.
REFUSALS = [
    pytest.param(refusal, marks=pytest.mark.own_redis, id=refusal.__name__)
    for refusal in (full_redis, redis_without_replicas, read_only_redis)
]
