"""The `markets` table: what each exchange offers."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from producers.scheduler.watchlist import Listed
from schemas.tables import markets
from schemas.values import naive

_ROWS_A_STATEMENT = 500


async def keep(connection: AsyncConnection, exchange: str, offered: Sequence[Listed], at: datetime) -> None:
    """Make the table say of `exchange` what it offers now, and nothing else, in the caller's transaction."""
    since = naive(at)
    rows: list[dict[str, object]] = [
        {
            "exchange": exchange,
            "market_type": one.market_type,
            "symbol": one.symbol,
            "volume": one.volume,
            "refreshed_at": since,
        }
        # Sorted, so that two writers lock in the same order.
        for one in sorted(offered, key=lambda one: (one.market_type, one.symbol))
    ]
    for start in range(0, len(rows), _ROWS_A_STATEMENT):
        await connection.execute(_upsert(connection.dialect.name, rows[start : start + _ROWS_A_STATEMENT]))
    await connection.execute(
        delete(markets).where(markets.c.exchange == exchange, markets.c.refreshed_at < since)
    )


async def kept(connection: AsyncConnection, exchange: str) -> list[Listed]:
    """What the table says that `exchange` offers."""
    found = await connection.execute(
        select(markets.c.market_type, markets.c.symbol, markets.c.volume).where(
            markets.c.exchange == exchange
        )
    )
    return [Listed(market_type, symbol, volume) for market_type, symbol, volume in found]


def _upsert(dialect: str, rows: list[dict[str, object]]) -> mysql.Insert | sqlite.Insert:
    if dialect == "mysql":
        insert = mysql.insert(markets).values(rows)
        new = insert.inserted
        return insert.on_duplicate_key_update(volume=new.volume, refreshed_at=new.refreshed_at)
    upserting = sqlite.insert(markets).values(rows)
    excluded = upserting.excluded
    return upserting.on_conflict_do_update(
        index_elements=list(markets.primary_key),
        set_={"volume": excluded.volume, "refreshed_at": excluded.refreshed_at},
    )
