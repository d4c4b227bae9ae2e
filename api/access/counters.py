"""Counts the requests of each client: in Redis for all processes, or in the memory of one."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import SecretStr

from api.access.quotas import WINDOW, Quota, QuotaUsage, Window
from runtime.clock import Clock
from runtime.lru import LruDict

if TYPE_CHECKING:
    from runtime.best_effort_redis import BestEffortRedis

_MAX_CLIENTS = 100_000

_COUNT = """
local counts = {}
for number, key in ipairs(KEYS) do
  local count = redis.call('INCR', key)
  if count == 1 then redis.call('PEXPIRE', key, ARGV[1]) end
  local left = redis.call('PTTL', key)
  if left < 0 then redis.call('PEXPIRE', key, ARGV[1]); left = tonumber(ARGV[1]) end
  counts[number] = {count, left}
end
return counts
"""
"""Counts for all keys in one call."""


class RequestCounters:
    """Counts requests by client and quota. Without Redis, or while it is away, each process counts its own."""

    def __init__(self, clock: Clock, redis: "BestEffortRedis | None" = None) -> None:
        self._clock = clock
        self._redis = redis
        self._script = redis.client.register_script(_COUNT) if redis is not None else None
        self._windows: LruDict[str, Window] = LruDict(_MAX_CLIENTS)

    async def count_request(self, client: str, quotas: Sequence[Quota]) -> list[QuotaUsage]:
        """Count a request of `client` against each quota, and return the usage of each."""
        shared = await self._count_in_redis(client, quotas)
        return shared if shared is not None else [self._count_in_memory(client, quota) for quota in quotas]

    async def close(self) -> None:
        """Close the connection to Redis."""
        if self._redis is not None:
            await self._redis.close()

    async def _count_in_redis(self, client: str, quotas: Sequence[Quota]) -> list[QuotaUsage] | None:
        if self._redis is None or self._script is None:
            return None
        keys = [f"strandline:limit:{quota.name}:{client}" for quota in quotas]
        counts = await self._redis.scripts.begin(self._script, keys, [WINDOW * 1_000])
        if counts is None:
            return None
        return [
            QuotaUsage(quota, int(count), int(left_ms) / 1_000)
            for quota, (count, left_ms) in zip(quotas, counts, strict=True)
        ]

    def _count_in_memory(self, client: str, quota: Quota) -> QuotaUsage:
        now, key = self._clock.monotonic(), f"{quota.name}:{client}"
        window = (self._windows.get(key) or Window(now, 0)).add_request(now)
        self._windows.put(key, window)
        return QuotaUsage(quota, window.count, window.ends_at - now)


def open_counters(
    url: SecretStr | None, clock: Clock, shared: "BestEffortRedis | None" = None
) -> RequestCounters:
    """Return counters in Redis where there is a URL, or on a `shared` client, which its owner closes too.

    Close them. Raises ConfigurationError for an invalid URL.
    """
    if shared is not None:
        return RequestCounters(clock, shared)
    if url is None:
        return RequestCounters(clock)
    # Imported here: a process without Redis does not load its client.
    from runtime.best_effort_redis import BestEffortRedis  # noqa: PLC0415

    return RequestCounters(clock, BestEffortRedis.from_url(url.get_secret_value(), clock))
