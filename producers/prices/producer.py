"""Keeps a price feed for each market type of each exchange, and gives it the symbols whose prices are in demand."""

import asyncio

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from broker.health import Reasons
from exchanges.ccxt.source import CcxtCandleSource
from producers.prices.demand import PriceDemand, load_demand
from producers.prices.feed import PriceFeed
from producers.prices.publisher import PricePublisher
from runtime.clock import Clock
from runtime.errors import Permanent, Transient
from runtime.settings import Settings
from runtime.tasks import cancel_and_wait, wait_first
from schemas.market import MarketType

_log = structlog.get_logger(__name__)

_MAX_ROUND_GAP = 120.0
"""Seconds: a round reads the database, or the lists of markets; one that takes longer hangs."""
_ROUND_SECONDS = 3.0
"""Pause between two readings of the demand: how long a new market goes without a price at most."""


class PriceProducer:
    """`source` and `engine` stay the caller's to close."""

    def __init__(
        self,
        settings: Settings,
        *,
        engine: AsyncEngine,
        source: CcxtCandleSource,
        publisher: PricePublisher,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._engine = engine
        self._source = source
        self._publisher = publisher
        self._clock = clock
        self._feeds: dict[tuple[str, MarketType], PriceFeed] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._demand_error = ""
        self._last_round_at = clock.monotonic()

    def why_not_alive(self) -> Reasons:
        silent = self._clock.monotonic() - self._last_round_at
        return () if silent <= _MAX_ROUND_GAP else (f"no round for {silent:.0f} s: restart this process",)

    def why_not_ready(self) -> Reasons:
        return [self._demand_error] if self._demand_error else []

    async def run(self, stop: asyncio.Event) -> None:
        """Publish prices until `stop` is set. Raises bugs, and ConfigurationError where a table is missing."""
        try:
            while not stop.is_set():
                self._last_round_at = self._clock.monotonic()
                demand = await self._read_demand()
                if demand is not None:
                    self._update_feeds(demand)
                await wait_first(stop.wait(), self._clock.sleep(_ROUND_SECONDS), *self._tasks)
                for task in self._tasks:
                    if task.done():
                        task.result()
        finally:
            await cancel_and_wait(*self._tasks)

    async def _read_demand(self) -> PriceDemand | None:
        """Return None where the database does not answer: the feeds then keep their symbols."""
        try:
            demand = await self._load_demand()
        except Transient as error:
            self._demand_error = f"the symbols whose prices are in demand cannot be read: {error}"
            _log.warning("prices.demand_unknown", seconds=_ROUND_SECONDS, error=str(error))
            return None
        self._demand_error = ""
        return demand

    async def _load_demand(self) -> PriceDemand:
        if self._settings.prices_of == "all":
            return await self._list_all_markets()
        return await load_demand(self._engine, self._settings.exchanges)

    async def _list_all_markets(self) -> PriceDemand:
        """Return the markets of every exchange whose list can be had; the others do not delay these."""
        demand: dict[tuple[str, MarketType], set[str]] = {}
        for exchange in self._settings.exchanges:
            try:
                offered = await self._source.tradables(exchange)
            except (Transient, Permanent) as error:
                _log.warning("prices.markets_unknown", exchange=exchange, error=str(error))
                continue
            for market in offered:
                demand.setdefault((exchange, market.market_type), set()).add(market.symbol)
        return {segment: frozenset(symbols) for segment, symbols in demand.items()}

    def _update_feeds(self, demand: PriceDemand) -> None:
        for exchange, market_type in demand.keys() - self._feeds.keys():
            feed = PriceFeed(
                exchange,
                market_type,
                source=self._source,
                publisher=self._publisher,
                clock=self._clock,
                interval=self._settings.prices_interval,
                stream=self._settings.prices_stream,
            )
            self._feeds[exchange, market_type] = feed
            self._tasks.append(asyncio.create_task(feed.run(), name=f"prices {exchange} {market_type}"))
        for segment, feed in self._feeds.items():
            feed.set_symbols(demand.get(segment, frozenset()))
