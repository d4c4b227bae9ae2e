"""What the exchanges offer, asked again every hour, kept in the `markets` table and at hand for the watchlist."""

import asyncio
from collections.abc import Mapping, Sequence

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from exchanges.ports import MarketLists, Tradable
from producers.scheduler import market_table
from producers.scheduler.watchlist import Listed
from runtime.clock import Clock
from runtime.errors import Permanent, StrandlineError, Transient
from schemas.market import MarketType
from storage.database_errors import translated

_log = structlog.get_logger(__name__)

REFRESH = 3_600.0
RETRY = 60.0
"""Seconds until a list is asked for again: one that came, and one that did not."""

_LONGEST_WRITE = 60.0
_KINDS: tuple[MarketType, ...] = ("spot", "future")


class KnownMarkets:
    """`listed` is what is known, by exchange; `changed` is set whenever that is something new."""

    def __init__(
        self, source: MarketLists, engine: AsyncEngine, exchanges: Sequence[str], clock: Clock
    ) -> None:
        self._source = source
        self._engine = engine
        self._exchanges = exchanges
        self._clock = clock
        self.listed: dict[str, Sequence[Listed]] = {}
        self.changed = asyncio.Event()

    async def run(self) -> None:
        """For ever. Raises ConfigurationError where the table is not there or not ours to write."""
        for exchange in self._exchanges:
            await self._remember(exchange)
        due = dict.fromkeys(self._exchanges, self._clock.monotonic())
        while True:
            for exchange in due:
                if due[exchange] <= self._clock.monotonic():
                    pause = REFRESH if await self._refreshed(exchange) else RETRY
                    due[exchange] = self._clock.monotonic() + pause
            await self._clock.sleep(max(1.0, min(due.values(), default=0.0) - self._clock.monotonic()))

    async def _refreshed(self, exchange: str) -> bool:
        try:
            await self.refresh(exchange)
        except (Transient, Permanent) as error:
            _log.warning("schedule.markets_not_refreshed", exchange=exchange, error=str(error), seconds=RETRY)
            return False
        return True

    async def refresh(self, exchange: str) -> None:
        """Ask, take to hand, write down: in this order, for the watchlist does not need the database."""
        offered = await self._source.tradables(exchange)
        volumes = await self._volumes(exchange)
        found = [Listed(one.market_type, one.symbol, volumes.get(one)) for one in offered]
        self._learned(exchange, found)
        with translated():
            async with asyncio.timeout(_LONGEST_WRITE), self._engine.begin() as connection:
                await market_table.keep(connection, exchange, found, self._clock.now())

    async def _volumes(self, exchange: str) -> Mapping[Tradable, float]:
        volumes: dict[Tradable, float] = {}
        for kind in _KINDS:
            try:
                volumes.update(await self._source.volumes(exchange, kind))
            except StrandlineError as error:
                # The list is worth having without; entries that ask for a volume then find nothing.
                _log.warning("schedule.no_volumes", exchange=exchange, market_type=kind, error=str(error))
        return volumes

    async def _remember(self, exchange: str) -> None:
        """What the table says, until the exchange has answered."""
        try:
            with translated():
                async with asyncio.timeout(_LONGEST_WRITE), self._engine.connect() as connection:
                    found = await market_table.kept(connection, exchange)
        except Transient as error:
            _log.warning("schedule.markets_not_read", exchange=exchange, error=str(error))
            return
        if found:
            self._learned(exchange, found)

    def _learned(self, exchange: str, found: Sequence[Listed]) -> None:
        self.listed[exchange] = found
        self.changed.set()
