"""What an exchange offers: from the table that the scheduler keeps fresh, else from the exchange itself."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from api.http.dependencies import Dependencies
from api.results import queries
from exchanges.ports import Tradable
from runtime.errors import Transient
from schemas.http.markets import TradableMarket
from schemas.values import to_aware_utc

LONGEST_FETCH = 25.0
STALE = timedelta(hours=24)
"""A table that nobody has refreshed for so long is no longer believed, unless the exchange is away."""

_log = structlog.get_logger(__name__)


async def offered(deps: Dependencies, exchange: str) -> Sequence[TradableMarket]:
    """Raises what the exchange does, where the table does not help."""
    kept = await _kept(deps, exchange)
    if kept and _since(kept) > deps.clock.now() - STALE:
        return [_of_row(row) for row in kept]
    try:
        return [_of_exchange(one) for one in await _asked(deps, exchange)]
    except Transient:
        if kept:
            return [_of_row(row) for row in kept]
        raise


async def _kept(deps: Dependencies, exchange: str) -> list[queries.Stored]:
    try:
        return await queries.markets(deps.engine, exchange)
    except Transient as error:
        _log.warning("markets not read", exchange=exchange, error=str(error))
        return []


async def _asked(deps: Dependencies, exchange: str) -> Sequence[Tradable]:
    try:
        async with asyncio.timeout(LONGEST_FETCH):
            return await deps.candles.tradables(exchange)
    except TimeoutError as error:
        raise Transient(f"{exchange} does not answer in time") from error


def _since(kept: Sequence[queries.Stored]) -> datetime:
    refreshed: datetime = max(row["refreshed_at"] for row in kept)
    return to_aware_utc(refreshed)


def _of_row(row: queries.Stored) -> TradableMarket:
    return TradableMarket(
        exchange=row["exchange"], market_type=row["market_type"], symbol=row["symbol"], volume=row["volume"]
    )


def _of_exchange(one: Tradable) -> TradableMarket:
    return TradableMarket(exchange=one.exchange, market_type=one.market_type, symbol=one.symbol)
