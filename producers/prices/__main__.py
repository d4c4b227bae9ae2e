"""The prices role's composition root: `strandline prices`, and one of the roles inside `strandline up`.

One feed for each kind of market on each exchange; which symbols it asks for is read anew every few seconds.
"""

import asyncio
from contextlib import AsyncExitStack

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from broker.health import Reasons, serve_health
from exchanges.ccxt.source import CcxtCandleSource
from exchanges.latest_prices import open_latest_prices
from producers.prices.feed import PriceFeed
from producers.prices.interest import Wanted, wanted
from producers.prices.publisher import PriceTeller
from producers.role_process import RoleProcess, role_process
from runtime.clock import Clock
from runtime.errors import Permanent, Transient
from runtime.settings import Settings
from runtime.tasks import cancel_and_wait, wait_first
from schemas.market import MarketType
from storage.database import database_engine

_log = structlog.get_logger(__name__)

_LONGEST_TURN = 120.0
"""Seconds: a turn reads the database, or the lists of markets; beyond this it hangs."""
_READ_AGAIN = 3.0
"""Seconds: so long a market that nobody wanted before goes without a price."""


class PriceProducer:
    """Keeps a feed for whatever is wanted. `source` and `engine` stay the caller's to close."""

    def __init__(
        self,
        settings: Settings,
        *,
        engine: AsyncEngine,
        source: CcxtCandleSource,
        teller: PriceTeller,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._engine = engine
        self._source = source
        self._teller = teller
        self._clock = clock
        self._feeds: dict[tuple[str, MarketType], PriceFeed] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._trouble = ""
        self._last_turn = clock.monotonic()

    def why_not_alive(self) -> Reasons:
        silent = self._clock.monotonic() - self._last_turn
        return () if silent <= _LONGEST_TURN else (f"no turn for {silent:.0f} s: restart this process",)

    def why_not_ready(self) -> Reasons:
        return [self._trouble] if self._trouble else []

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set. Raises bugs, and ConfigurationError where the tables are not there."""
        try:
            while not stop.is_set():
                self._last_turn = self._clock.monotonic()
                self._follow(await self._read())
                await wait_first(stop.wait(), self._clock.sleep(_READ_AGAIN), *self._tasks)
                for task in self._tasks:
                    if task.done():
                        task.result()
        finally:
            await cancel_and_wait(*self._tasks)

    async def _read(self) -> Wanted | None:
        """None where it cannot be known now: what was wanted before will do."""
        try:
            found = await self._asked_for()
        except Transient as error:
            self._trouble = f"whose prices are wanted is not known: {error}"
            _log.warning("prices.wanted_unknown", seconds=_READ_AGAIN, error=str(error))
            return None
        self._trouble = ""
        return found

    async def _asked_for(self) -> Wanted:
        if self._settings.prices_of == "all":
            return await self._everything()
        return await wanted(self._engine, self._settings.exchanges)

    async def _everything(self) -> Wanted:
        """Of each exchange that says what it has; one that does not yet keeps nothing from the others."""
        found: dict[tuple[str, MarketType], set[str]] = {}
        for exchange in self._settings.exchanges:
            try:
                offered = await self._source.tradables(exchange)
            except (Transient, Permanent) as error:
                _log.warning("prices.markets_unknown", exchange=exchange, error=str(error))
                continue
            for market in offered:
                found.setdefault((exchange, market.market_type), set()).add(market.symbol)
        return {place: frozenset(symbols) for place, symbols in found.items()}

    def _follow(self, now_wanted: Wanted | None) -> None:
        if now_wanted is None:
            return
        for exchange, market_type in now_wanted.keys() - self._feeds.keys():
            feed = PriceFeed(
                exchange,
                market_type,
                source=self._source,
                teller=self._teller,
                clock=self._clock,
                interval=self._settings.prices_interval,
                stream=self._settings.prices_stream,
            )
            self._feeds[exchange, market_type] = feed
            self._tasks.append(asyncio.create_task(feed.run(), name=f"prices {exchange} {market_type}"))
        for place, feed in self._feeds.items():
            feed.want(now_wanted.get(place, frozenset()))


async def run(process: RoleProcess, engine: AsyncEngine, source: CcxtCandleSource) -> None:
    """Publish prices until the process stops."""
    settings, clock = process.settings, process.clock
    async with AsyncExitStack() as stack:
        latest = open_latest_prices(settings.redis_url, clock)
        if latest is not None:
            stack.push_async_callback(latest.close)
        teller = PriceTeller(process.broker, latest, source="/strandline/prices")
        producer = PriceProducer(settings, engine=engine, source=source, teller=teller, clock=clock)
        stack.enter_context(
            serve_health(process.health, producer.why_not_alive, producer.why_not_ready, name="prices")
        )
        await producer.run(process.stop)


async def main(settings: Settings) -> None:
    """Run the prices role as a process of its own."""
    async with (
        role_process(settings, "prices") as process,
        database_engine(settings) as engine,
        CcxtCandleSource(settings) as source,
    ):
        await run(process, engine, source)


if __name__ == "__main__":
    asyncio.run(main(Settings.load()))
