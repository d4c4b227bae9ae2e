"""Which prices are in demand: those of markets with a row of results, and those with an active watch."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import get_args

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.market import MarketType
from schemas.tables import analysis_results as results
from schemas.tables import watches
from storage.database_errors import translate_errors

PriceDemand = Mapping[tuple[str, MarketType], frozenset[str]]
"""(exchange, market type) -> symbols."""

_TIMEOUT = 10.0


async def load_demand(engine: AsyncEngine, exchanges: Collection[str]) -> PriceDemand:
    """Return the symbols in demand on `exchanges`. Raises Transient, and ConfigurationError without the tables."""
    columns = [
        select(table.c.exchange, table.c.market_type, table.c.symbol).distinct()
        for table in (results, watches)
    ]
    columns[1] = columns[1].where(watches.c.state == "active", watches.c.deleted_at.is_(None))
    with translate_errors():
        async with asyncio.timeout(_TIMEOUT), engine.connect() as connection:
            # Not a UNION: MySQL refuses one where an adopted table has another collation than ours.
            rows = [row for query in columns for row in (await connection.execute(query)).all()]
    return group_symbols(rows, exchanges)


def group_symbols(rows: Iterable[Sequence[str]], exchanges: Collection[str]) -> PriceDemand:
    """Group rows (exchange, market type, symbol), without those of other backends that no exchange can answer. Pure."""
    demand: defaultdict[tuple[str, MarketType], set[str]] = defaultdict(set)
    for exchange, stored_type, symbol in rows:
        market_type = next((each for each in get_args(MarketType) if each == stored_type), None)
        if market_type is not None and exchange in exchanges:
            demand[exchange, market_type].add(symbol)
    return {segment: frozenset(symbols) for segment, symbols in demand.items()}
