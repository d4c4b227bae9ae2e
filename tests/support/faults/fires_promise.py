"""The promise of watcher and notifier: each crossing fires once, and each fire reaches its receiver.

The receiver de-duplicates by `fire_id`, as documented: a fire may be delivered twice.
"""

import asyncio
import itertools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from broker.publish_retry import publish_until_acknowledged
from broker.retry import Backoff
from runtime.clock import SystemClock
from schemas.watch_events import WatchFired
from tests.support.faults.crew import Role
from tests.support.faults.promise import Verdict, wait_until
from tests.support.faults.stand import FaultEnvironment
from tests.support.watching_pipeline import WatchedMarket

SYMBOL = "PAXGUSDT"
TARGET = 100.0
_MIN_TICKS, _REQUESTS_PER_TICK = 60, 50
_TICK_SECONDS = 0.25
_BACKOFF = Backoff(initial=0.5, maximum=2.0)


def make_prices() -> Iterable[float]:
    """Yield prices that differ from each other, each on the other side of the target than the one before."""
    for number in itertools.count(1):
        yield TARGET + (1 if number % 2 else -1) * (1 + number / 10_000)


def judge_fires(
    prices: Sequence[float], fires: Sequence[WatchFired], delivered: Mapping[str, int]
) -> Verdict:
    """Judge the fires of those prices in turn. The first price may fire or not: that depends on the one before."""
    ids_by_price: dict[float, set[str]] = {}
    for fire in fires:
        ids_by_price.setdefault(fire.price, set()).add(fire.fire_id)
    ids = set().union(*ids_by_price.values())
    lost = [price for price in prices[1:] if price not in ids_by_price]
    doubled = [price for price, each in ids_by_price.items() if len(each) > 1]
    unsent = ids - delivered.keys()
    counts = {
        "crossings without a fire": lost,
        "crossings with two fires": doubled,
        "fires not delivered": unsent,
    }
    broken = [
        f"{len(found)} {what}: {sorted(map(str, found))[:3]}" for what, found in counts.items() if found
    ]
    repeats = sum(delivered.values()) - len(delivered)
    return Verdict(
        broken, f"{len(ids)} fires, {len(fires) - len(ids)} published twice, {repeats} delivered twice"
    )


class FiresPromise:
    roles: Mapping[Role, int] = {"watcher": 1, "notifier": 1}

    def __init__(self, stand: FaultEnvironment, requests: int) -> None:
        self._stand = stand
        self._ticks = max(_MIN_TICKS, requests // _REQUESTS_PER_TICK)
        self._source = iter(make_prices())
        self._prices: list[float] = []
        self._ticking = asyncio.Lock()
        self._market: WatchedMarket | None = None
        self._watch_id = ""

    async def prepare(self) -> None:
        """Create the watch, and wait for the delivery of its first fire."""
        assert self._stand.pipeline is not None
        async with self._stand.pipeline.client() as client:
            market = WatchedMarket(self._stand.pipeline, client, SYMBOL)
            self._watch_id = await market.watch(target=TARGET, repeat="always", cooldown_seconds=0)
        self._market = market
        await self._tick()
        await self.probe()

    async def exercise(self) -> None:
        while len(self._prices) < self._ticks:
            await self._tick()
            await asyncio.sleep(_TICK_SECONDS)

    async def probe(self) -> None:
        """Cross once more, and wait until that fire is delivered."""
        price = await self._tick()
        await wait_until(
            lambda: asyncio.sleep(0, price in {body["price"] for body in self._deliveries()}), 0.1
        )

    async def judge(self) -> Verdict:
        assert self._market is not None
        events = await self._market.events(self._watch_id)
        fires = [event for event in events if isinstance(event, WatchFired)]
        return judge_fires(self._prices, fires, Counter(body["fire_id"] for body in self._deliveries()))

    def _deliveries(self) -> list[dict[str, Any]]:
        bodies = self._stand.receiver.bodies("/")
        return [body for body in bodies if body["watch_id"] == self._watch_id]

    async def _tick(self) -> float:
        assert self._market is not None
        async with self._ticking:
            price = next(self._source)
            await publish_until_acknowledged(
                self._stand.broker, self._market.price_message(price), SystemClock(), backoff=_BACKOFF
            )
            self._prices.append(price)
            return price
