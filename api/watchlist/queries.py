"""Loads what the database has of the watchlist."""

import asyncio
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncEngine

from api.markets.queries import list_markets
from api.watchlist.views import StoredWatchlist
from producers.watchlist.selection import ListedMarket, Offers, index_markets
from storage.watchlist import load_changes, load_entries


async def load_watchlist(engine: AsyncEngine, exchanges: Sequence[str]) -> StoredWatchlist:
    """Return the watchlist, with the markets of these exchanges. Raises Transient."""
    entries, changes, offers = await asyncio.gather(
        load_entries(engine), load_changes(engine), load_offers(engine, exchanges)
    )
    return StoredWatchlist(entries, changes, offers)


async def load_offers(engine: AsyncEngine, exchanges: Sequence[str]) -> Offers:
    """Return the stored lists of the exchanges that have one. Raises Transient."""
    stored = await asyncio.gather(*(list_markets(engine, exchange) for exchange in exchanges))
    return index_markets(
        {
            exchange: [ListedMarket(row["market_type"], row["symbol"], row["volume"]) for row in rows]
            for exchange, rows in zip(exchanges, stored, strict=True)
            if rows
        }
    )
