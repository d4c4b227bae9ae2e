"""Token buckets in Redis, for everything behind one address. The script is `ratelimit.take`, in Redis's own time.

Whether a call may go is decided and written down in one atomic step, and by one clock: those of the callers may
differ. `tests/contract/test_exchange_budget.py` holds the script to the Python of it.
"""

import asyncio
from collections.abc import Awaitable
from typing import Any, cast

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from exchanges.rate_limit.token_bucket import NO_NEWS, Limit, News, Pace
from runtime.errors import ConfigurationError, Transient

_PREFIX = "strandline:budget:"

_ANSWERS_WITHIN = 1.0
"""Seconds: whoever waits longer for leave to ask an exchange does better without Redis."""

_TAKE = """
local weight, rate, burst, ceiling, told = unpack(ARGV, 1, 5)
local debt, closed, used_there, left = unpack(ARGV, 6, 9)
weight, rate, burst, ceiling = tonumber(weight), tonumber(rate), tonumber(burst), tonumber(ceiling)
debt, closed, used_there, left = tonumber(debt), tonumber(closed), tonumber(used_there), tonumber(left)
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000

local kept = redis.call('HMGET', KEYS[1], 'at', 'tokens', 'closed_until', 'used', 'used_until',
                        'rate', 'burst', 'ceiling')
local at, tokens = tonumber(kept[1] or now), tonumber(kept[2] or 0)
local closed_until, used, used_until = tonumber(kept[3] or 0), tonumber(kept[4] or 0), tonumber(kept[5] or 0)
if told == '0' and kept[6] then
  rate, burst, ceiling = tonumber(kept[6]), tonumber(kept[7]), tonumber(kept[8])
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
if closed > 0 then closed_until = math.max(closed_until, now + closed) end
tokens = tokens - debt

local wait = math.max(0, closed_until - now, -tokens / rate)
if now < used_until and used > 0 and used + weight > ceiling then
  wait = math.max(wait, used_until - now)
end
if wait > 0 then
  wait = math.max(wait, 0.001)
else
  tokens, used = tokens - weight, used + weight
end

local function exact(number) return string.format('%.17g', number) end
redis.call('HSET', KEYS[1], 'at', exact(now), 'tokens', exact(tokens), 'closed_until', exact(closed_until),
           'used', exact(used), 'used_until', exact(used_until))
if told == '1' then
  redis.call('HSET', KEYS[1], 'rate', exact(rate), 'burst', exact(burst), 'ceiling', exact(ceiling))
end
-- Forgotten only when it is full again, since a bucket that nobody remembers starts empty.
local idle = math.max((burst - tokens) / rate, closed_until - now, used_until - now)
redis.call('PEXPIRE', KEYS[1], math.ceil((idle + 60) * 1000))
return exact(wait)
"""


class RedisBuckets:
    """Raises Transient when Redis does not answer, or not as it should."""

    def __init__(self, client: Redis) -> None:
        self._client = client
        self._take = client.register_script(_TAKE)

    @classmethod
    def at(cls, url: str) -> "RedisBuckets":
        """Connects when first used. Raises ConfigurationError for what is no Redis URL."""
        try:
            client = Redis.from_url(
                url,
                # `take` bounds its wait itself: for these redis-py uses asyncio.wait_for, which now and then swallows
                # a cancellation (Python 3.11).
                socket_timeout=None,
                socket_connect_timeout=None,
                # Once, at once: a connection kept idle may have died with a Redis that is back already.
                retry=Retry(NoBackoff(), 1),
            )
        except ValueError as error:
            raise ConfigurationError(f"STRANDLINE_REDIS_URL: {error}") from None
        return cls(client)

    async def take(self, name: str, limit: Limit, weight: float, news: News = NO_NEWS) -> float:
        pace = Pace.of(limit)
        asked = (weight, pace.rate, pace.burst, pace.ceiling, int(pace.told))
        heard = (news.debt, news.closed, news.used, news.left)
        try:
            async with asyncio.timeout(_ANSWERS_WITHIN):
                answer = await cast(Awaitable[Any], self._take(keys=[_PREFIX + name], args=[*asked, *heard]))
            return float(answer)
        except TimeoutError as error:
            raise Transient(f"Redis does not answer within {_ANSWERS_WITHIN:g} s") from error
        except (RedisError, OSError) as error:
            raise Transient(f"Redis: {type(error).__name__}: {error}") from error

    async def close(self) -> None:
        await self._client.aclose()
