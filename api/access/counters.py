"""Who sent how many requests: in Redis for all processes together, and in a process's memory where Redis is not."""

from collections.abc import Sequence
from typing import Any

from api.access.quotas import WINDOW, Count, Quota, Window
from runtime.best_effort_redis import BestEffortRedis
from runtime.clock import Clock
from runtime.lru import LruDict

_MOST_CLIENTS = 100_000

_COUNT = """
local seen = redis.call('INCR', KEYS[1])
if seen == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
local left = redis.call('PTTL', KEYS[1])
if left < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[1]); left = tonumber(ARGV[1]) end
return {seen, left}
"""


class Counters:
    """Counts a request of `client` against each quota. Without `redis`, or while it is away, each process by itself."""

    def __init__(self, clock: Clock, redis: BestEffortRedis | None = None) -> None:
        self._clock = clock
        self._redis = redis
        self._script = redis.client.register_script(_COUNT) if redis is not None else None
        self._windows: LruDict[str, Window] = LruDict(_MOST_CLIENTS)

    async def count(self, client: str, quotas: Sequence[Quota]) -> list[Count]:
        shared = await self._shared(client, quotas)
        return shared if shared is not None else [self._own(client, quota) for quota in quotas]

    async def close(self) -> None:
        if self._redis is not None:
            await self._redis.close()

    async def _shared(self, client: str, quotas: Sequence[Quota]) -> list[Count] | None:
        if self._redis is None or self._script is None:
            return None
        pipeline, script = self._redis.client.pipeline(transaction=False), self._script

        async def call() -> Any:
            for quota in quotas:
                await script(
                    keys=[f"strandline:limit:{quota.name}:{client}"], args=[WINDOW * 1_000], client=pipeline
                )
            return await pipeline.execute()

        found = await self._redis.call(call)
        if found is None:
            return None
        return [
            Count(quota, int(seen), int(left) / 1_000)
            for quota, (seen, left) in zip(quotas, found, strict=True)
        ]

    def _own(self, client: str, quota: Quota) -> Count:
        now, key = self._clock.monotonic(), f"{quota.name}:{client}"
        window = (self._windows.get(key) or Window(now, 0)).counted(now)
        self._windows.put(key, window)
        return Count(quota, window.seen, window.ends - now)
