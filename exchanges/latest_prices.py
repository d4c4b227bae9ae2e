"""The latest price of every market whose prices are told, in Redis: for whoever wants one now, and follows no topic."""

import json
from collections.abc import Collection, Iterable, Mapping

from pydantic import SecretStr

from exchanges.ports import Quote, Tradable
from runtime.best_effort_redis import PatientRedis
from runtime.clock import Clock

KEPT_SECONDS = 60
"""A price that nobody has confirmed for so long is no longer one."""

_PART = 1_000


class LatestPrices:
    """Close it."""

    def __init__(self, redis: PatientRedis) -> None:
        self._redis = redis

    async def keep(self, quotes: Iterable[Quote]) -> None:
        """Does nothing while Redis is away: the next ones come soon."""
        waiting = list(quotes)
        for start in range(0, len(waiting), _PART):
            pipeline = self._redis.client.pipeline(transaction=False)
            for quote in waiting[start : start + _PART]:
                kept = json.dumps({"price": quote.price, "at": quote.at})
                pipeline.set(_key(quote.market), kept, ex=KEPT_SECONDS)
            await self._redis.tried(pipeline.execute)

    async def of(self, markets: Collection[Tradable]) -> Mapping[Tradable, Quote]:
        """Those that are known."""
        asked = list(markets)
        if not asked:
            return {}
        found = await self._redis.tried(lambda: self._redis.client.mget([_key(market) for market in asked]))
        read = ((market, kept) for market, kept in zip(asked, found or (), strict=False) if kept)
        return {market: Quote(market, **json.loads(kept)) for market, kept in read}

    async def close(self) -> None:
        await self._redis.close()


def _key(market: Tradable) -> str:
    return f"strandline:price:{market.key}"


def opened(url: SecretStr | None, clock: Clock) -> LatestPrices | None:
    """None without a URL."""
    return None if url is None else LatestPrices(PatientRedis.at(url.get_secret_value(), clock))
