"""The markets of an exchange: from the table that the scheduler refreshes, else from the exchange itself."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from api.connections import Connections
from api.markets import queries
from exchanges.ports import Tradable
from runtime.errors import Transient
from schemas.http.markets import TradableMarket
from schemas.records import MarketRecord
from schemas.values import to_aware_utc

FETCH_TIMEOUT = 25.0
MAX_AGE = timedelta(hours=24)
"""A table that was not refreshed for this long is used only while the exchange is away."""

_log = structlog.get_logger(__name__)


async def load_tradables(of: Connections, exchange: str) -> Sequence[TradableMarket]:
    """Return the markets. Raises what the exchange raises, where the table has none."""
    stored = await _read_table(of, exchange)
    if stored and _last_refresh(stored) > of.clock.now() - MAX_AGE:
        return _from_table(stored)
    try:
        return [TradableMarket.model_validate(market) for market in await _fetch(of, exchange)]
    except Transient:
        if stored:
            return _from_table(stored)
        raise


async def _read_table(of: Connections, exchange: str) -> list[MarketRecord]:
    try:
        return await queries.list_markets(of.engine, exchange)
    except Transient as error:
        _log.warning("markets.read_failed", exchange=exchange, error=str(error))
        return []


async def _fetch(of: Connections, exchange: str) -> Sequence[Tradable]:
    try:
        async with asyncio.timeout(FETCH_TIMEOUT):
            return await of.candles.tradables(exchange)
    except TimeoutError as error:
        raise Transient(f"{exchange} did not answer within {FETCH_TIMEOUT:g} s: try again") from error


def _last_refresh(stored: Sequence[MarketRecord]) -> datetime:
    return to_aware_utc(max(record["refreshed_at"] for record in stored))


def _from_table(stored: Sequence[MarketRecord]) -> list[TradableMarket]:
    return [TradableMarket.model_validate(record) for record in stored]
