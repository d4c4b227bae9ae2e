"""The latest price of every followed market, in Redis, for readers that do not consume the price topic."""

import json
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from pydantic import SecretStr

from exchanges.ports import Quote, Tradable
from runtime.clock import Clock

if TYPE_CHECKING:
    from runtime.best_effort_redis import BestEffortRedis

PRICE_TTL_SECONDS = 60
"""A price that was not confirmed for this long is dropped."""

_CHUNK = 1_000


class LatestPrices:
    """A store of prices that expire after PRICE_TTL_SECONDS. Close it after use."""

    def __init__(self, redis: "BestEffortRedis") -> None:
        self._redis = redis

    async def store(self, quotes: Iterable[Quote]) -> None:
        """Store quotes; does nothing while Redis is unavailable, since newer ones follow soon."""
        waiting = list(quotes)
        for start in range(0, len(waiting), _CHUNK):
            pipeline = self._redis.client.pipeline(transaction=False)
            for quote in waiting[start : start + _CHUNK]:
                value = json.dumps({"price": quote.price, "at": quote.at})
                pipeline.set(_key(quote.market), value, ex=PRICE_TTL_SECONDS)
            await self._redis.call(pipeline.execute)

    async def load(self, markets: Collection[Tradable]) -> Mapping[Tradable, Quote]:
        """Return prices for known instruments; unknown ones are omitted."""
        wanted = list(markets)
        if not wanted:
            return {}
        found = await self._redis.call(lambda: self._redis.client.mget([_key(market) for market in wanted]))
        read = ((market, value) for market, value in zip(wanted, found or (), strict=False) if value)
        return {market: Quote(market, **json.loads(value)) for market, value in read}

    async def close(self) -> None:
        await self._redis.close()


def _key(market: Tradable) -> str:
    return f"strandline:price:{market.key}"


def open_latest_prices(url: SecretStr | None, clock: Clock) -> LatestPrices | None:
    """Return the store; None without a URL."""
    if url is None:
        return None
    # Imported here: a process without Redis does not load its client.
    from runtime.best_effort_redis import BestEffortRedis  # noqa: PLC0415

    return LatestPrices(BestEffortRedis.from_url(url.get_secret_value(), clock))
