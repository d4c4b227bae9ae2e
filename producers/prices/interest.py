"""Whose prices anybody wants: the markets with a row, and those with an active watch."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import get_args

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.market import MarketType
from schemas.tables import analysis_results as results
from schemas.tables import watches
from storage.database_errors import translated

Wanted = Mapping[tuple[str, MarketType], frozenset[str]]
"""(exchange, market type) -> symbols."""

_PATIENCE = 10.0


async def wanted(engine: AsyncEngine, exchanges: Collection[str]) -> Wanted:
    """On the exchanges of the allow-list. Raises Transient, and ConfigurationError where there is no such table."""
    columns = [
        select(table.c.exchange, table.c.market_type, table.c.symbol).distinct()
        for table in (results, watches)
    ]
    columns[1] = columns[1].where(watches.c.state == "active", watches.c.deleted_at.is_(None))
    with translated():
        async with asyncio.timeout(_PATIENCE), engine.connect() as connection:
            # Not a UNION: MySQL refuses one where an adopted table collates otherwise than ours.
            rows = [row for some in columns for row in (await connection.execute(some)).all()]
    return grouped(rows, exchanges)


def grouped(rows: Iterable[Sequence[str]], exchanges: Collection[str]) -> Wanted:
    """Rows (exchange, market type, symbol), less those that other writers put there and nobody can ask for. Pure."""
    found: defaultdict[tuple[str, MarketType], set[str]] = defaultdict(set)
    for exchange, written, symbol in rows:
        kind = next((kind for kind in get_args(MarketType) if kind == written), None)
        if kind is not None and exchange in exchanges:
            found[exchange, kind].add(symbol)
    return {place: frozenset(symbols) for place, symbols in found.items()}
