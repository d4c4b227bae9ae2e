"""The exchanges' lists of markets: fetched every hour, stored in the `markets` table, held for the watchlist."""

import asyncio
from collections.abc import Mapping, Sequence

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from exchanges.ports import MarketLists, Tradable
from producers.watchlist import market_table
from producers.watchlist.selection import ListedMarket
from runtime.clock import Clock
from runtime.errors import Permanent, StrandlineError, Transient
from schemas.market import MarketType
from storage.database_errors import describe_error, translate_errors

_log = structlog.get_logger(__name__)

REFRESH_SECONDS = 3_600.0
RETRY_SECONDS = 60.0
"""Pause before a list is fetched again, after success and after failure."""

_DATABASE_TIMEOUT = 60.0
_MARKET_TYPES: tuple[MarketType, ...] = ("spot", "future")


class KnownMarkets:
    """`listed` has the markets by exchange, as far as they are known; `changed` is set when one of its lists is new."""

    def __init__(
        self, source: MarketLists, engine: AsyncEngine, exchanges: Sequence[str], clock: Clock
    ) -> None:
        self._source = source
        self._engine = engine
        self._exchanges = exchanges
        self._clock = clock
        self.listed: dict[str, Sequence[ListedMarket]] = {}
        self.changed = asyncio.Event()

    async def run(self) -> None:
        """Load the stored lists, then refresh each hourly until cancelled.

        Raises ConfigurationError where the table is missing or may not be written.
        """
        for exchange in self._exchanges:
            await self.load(exchange)
        due = dict.fromkeys(self._exchanges, self._clock.monotonic())
        while True:
            for exchange in due:
                if due[exchange] <= self._clock.monotonic():
                    pause = REFRESH_SECONDS if await self._try_refresh(exchange) else RETRY_SECONDS
                    due[exchange] = self._clock.monotonic() + pause
            await self._clock.sleep(max(1.0, min(due.values(), default=0.0) - self._clock.monotonic()))

    async def load(self, exchange: str) -> None:
        """Take the stored list, until the exchange has answered."""
        try:
            with translate_errors():
                async with asyncio.timeout(_DATABASE_TIMEOUT), self._engine.connect() as connection:
                    stored = await market_table.load_markets(connection, exchange)
        except Transient as error:
            _log.warning("watchlist.markets_not_read", exchange=exchange, error=str(error))
            return
        if stored:
            self._set_list(exchange, stored)

    async def refresh(self, exchange: str) -> None:
        """Fetch the list, hold it, then store it: the watchlist does not need the database. Raises Transient."""
        offered = await self._source.tradables(exchange)
        volumes = await self._fetch_volumes(exchange)
        markets = [ListedMarket(one.market_type, one.symbol, volumes.get(one)) for one in offered]
        self._set_list(exchange, markets)
        with translate_errors():
            async with asyncio.timeout(_DATABASE_TIMEOUT), self._engine.begin() as connection:
                await market_table.replace_markets(connection, exchange, markets, self._clock.now())

    async def _try_refresh(self, exchange: str) -> bool:
        try:
            await self.refresh(exchange)
        except (Transient, Permanent) as error:
            return self._log_failure(exchange, str(error))
        except SQLAlchemyError as error:  # a rejected row; the list is held already, and only its copy is old
            return self._log_failure(exchange, describe_error(error))
        return True

    def _log_failure(self, exchange: str, error: str) -> bool:
        _log.warning("watchlist.markets_not_refreshed", exchange=exchange, error=error, seconds=RETRY_SECONDS)
        return False

    async def _fetch_volumes(self, exchange: str) -> Mapping[Tradable, float]:
        volumes: dict[Tradable, float] = {}
        for market_type in _MARKET_TYPES:
            try:
                volumes.update(await self._source.volumes(exchange, market_type))
            except StrandlineError as error:
                # The list is useful without; watchlist entries with a volume then match no market.
                _log.warning(
                    "watchlist.no_volumes", exchange=exchange, market_type=market_type, error=str(error)
                )
        return volumes

    def _set_list(self, exchange: str, markets: Sequence[ListedMarket]) -> None:
        self.listed[exchange] = markets
        self.changed.set()
