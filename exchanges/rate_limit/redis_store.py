"""Token buckets in Redis, shared by all processes behind one address. The script mirrors `token_bucket.take`.

Deciding and recording happen in one atomic step and by Redis's clock, because the clocks of the callers may differ.
`tests/contract/exchanges/test_exchange_budget.py` checks the script against the Python function.
"""

import asyncio
from collections.abc import Awaitable
from typing import Any, cast

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from exchanges.rate_limit.token_bucket import NO_REPORT, RateLimit, TokenRate, UsageReport
from runtime.best_effort_redis import INVALID_REDIS_URL, check_redis_url
from runtime.errors import ConfigurationError, Transient

_PREFIX = "strandline:budget:"

_REDIS_TIMEOUT = 1.0
"""Seconds. Beyond it a call is better off with the local buckets."""

_TAKE = """
local weight, rate, burst, ceiling, known = unpack(ARGV, 1, 5)
local debt, blocked, used_there, left = unpack(ARGV, 6, 9)
weight, rate, burst, ceiling = tonumber(weight), tonumber(rate), tonumber(burst), tonumber(ceiling)
debt, blocked, used_there, left = tonumber(debt), tonumber(blocked), tonumber(used_there), tonumber(left)
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000

local stored = redis.call('HMGET', KEYS[1], 'at', 'tokens', 'blocked_until', 'used', 'used_until',
                        'rate', 'burst', 'ceiling')
local at, tokens = tonumber(stored[1] or now), tonumber(stored[2] or 0)
local blocked_until, used, used_until = tonumber(stored[3] or 0), tonumber(stored[4] or 0), tonumber(stored[5] or 0)
if known == '0' and stored[6] then
  rate, burst, ceiling = tonumber(stored[6]), tonumber(stored[7]), tonumber(stored[8])
end

tokens = math.min(burst, tokens + rate * math.max(0, now - at))
if now >= used_until then used = 0 end

if left > 0 then
  local ends = now + left
  if ends > used_until + 5 then
    used, used_until = used_there, ends
  elseif ends >= used_until - 5 then
    used, used_until = math.max(used, used_there), math.max(used_until, ends)
  end
end
if blocked > 0 then blocked_until = math.max(blocked_until, now + blocked) end
tokens = tokens - debt

local wait = math.max(0, blocked_until - now, -tokens / rate)
if now < used_until and used > 0 and used + weight > ceiling then
  wait = math.max(wait, used_until - now)
end
if wait > 0 then
  wait = math.max(wait, 0.001)
else
  tokens, used = tokens - weight, used + weight
end

local function exact(number) return string.format('%.17g', number) end
redis.call('HSET', KEYS[1], 'at', exact(now), 'tokens', exact(tokens), 'blocked_until', exact(blocked_until),
           'used', exact(used), 'used_until', exact(used_until))
if known == '1' then
  redis.call('HSET', KEYS[1], 'rate', exact(rate), 'burst', exact(burst), 'ceiling', exact(ceiling))
end
-- Expires only once it would be full again, because a missing bucket counts as empty.
local idle = math.max((burst - tokens) / rate, blocked_until - now, used_until - now)
redis.call('PEXPIRE', KEYS[1], math.ceil((idle + 60) * 1000))
return exact(wait)
"""


class RedisBucketStore:
    """A BucketStore. `take` raises Transient when Redis does not answer, or answers with an error."""

    def __init__(self, client: Redis) -> None:
        self._client = client
        self._take = client.register_script(_TAKE)

    @classmethod
    def at(cls, url: str) -> "RedisBucketStore":
        """Return a store that connects on first use. Raises ConfigurationError for an invalid Redis URL."""
        check_redis_url(url)
        try:
            client = Redis.from_url(
                url,
                # `take` has its own timeout: redis-py applies these with asyncio.wait_for, which can swallow a
                # cancellation on Python 3.11.
                socket_timeout=None,
                socket_connect_timeout=None,
                # One immediate retry: an idle connection may have died with a Redis that is already back.
                retry=Retry(NoBackoff(), 1),
            )
        except ValueError:  # its text may repeat a part of a password
            raise ConfigurationError(INVALID_REDIS_URL) from None
        return cls(client)

    async def take(
        self, name: str, limit: RateLimit, weight: float, report: UsageReport = NO_REPORT
    ) -> float:
        token_rate = TokenRate.from_limit(limit)
        request = (
            weight,
            token_rate.rate,
            token_rate.burst,
            token_rate.ceiling,
            int(token_rate.from_exchange),
        )
        usage = (report.debt, report.blocked_for, report.used, report.window_left)
        try:
            async with asyncio.timeout(_REDIS_TIMEOUT):
                answer = await cast(
                    Awaitable[Any], self._take(keys=[_PREFIX + name], args=[*request, *usage])
                )
            return float(answer)
        except TimeoutError as error:
            raise Transient(f"Redis does not answer within {_REDIS_TIMEOUT:g} s") from error
        except (RedisError, OSError) as error:
            raise Transient(f"Redis: {type(error).__name__}: {error}") from error

    async def close(self) -> None:
        await self._client.aclose()
