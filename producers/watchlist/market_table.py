"""Read and write the `markets` table: what each exchange offers."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from producers.watchlist.selection import ListedMarket
from schemas.tables import markets
from schemas.values import to_naive_utc

_ROWS_PER_STATEMENT = 500


async def replace_markets(
    connection: AsyncConnection, exchange: str, offered: Sequence[ListedMarket], at: datetime
) -> None:
    """Make the rows of `exchange` those of `offered`, in the caller's transaction."""
    refreshed_at = to_naive_utc(at)
    rows: list[dict[str, object]] = [
        {
            "exchange": exchange,
            "market_type": market.market_type,
            "symbol": market.symbol,
            "volume": market.volume,
            "refreshed_at": refreshed_at,
        }
        # Sorted, so that two writers lock in the same order.
        for market in sorted(offered, key=lambda market: (market.market_type, market.symbol))
    ]
    for start in range(0, len(rows), _ROWS_PER_STATEMENT):
        await connection.execute(_upsert(connection.dialect.name, rows[start : start + _ROWS_PER_STATEMENT]))
    await connection.execute(
        delete(markets).where(markets.c.exchange == exchange, markets.c.refreshed_at < refreshed_at)
    )


async def load_markets(connection: AsyncConnection, exchange: str) -> list[ListedMarket]:
    """Return the stored markets of `exchange`."""
    rows = await connection.execute(
        select(markets.c.market_type, markets.c.symbol, markets.c.volume).where(
            markets.c.exchange == exchange
        )
    )
    return [ListedMarket(market_type, symbol, volume) for market_type, symbol, volume in rows]


def _upsert(dialect: str, rows: list[dict[str, object]]) -> mysql.Insert | sqlite.Insert:
    if dialect == "mysql":
        mysql_insert = mysql.insert(markets).values(rows)
        new = mysql_insert.inserted
        return mysql_insert.on_duplicate_key_update(volume=new.volume, refreshed_at=new.refreshed_at)
    sqlite_insert = sqlite.insert(markets).values(rows)
    excluded = sqlite_insert.excluded
    return sqlite_insert.on_conflict_do_update(
        index_elements=list(markets.primary_key),
        set_={"volume": excluded.volume, "refreshed_at": excluded.refreshed_at},
    )
