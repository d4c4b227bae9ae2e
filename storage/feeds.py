"""How far each feed has come, for the status of the pipeline."""

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.records import FeedRecord, to_record
from schemas.tables import feeds

_F = feeds.c
_VALUES = ("markets", "closed_until")

FORGET_MS = 86_400_000
"""A feed that has closed nothing for a day is no longer shown: it was removed, or its share changed."""


async def store_feeds(connection: AsyncConnection, rows: Sequence[FeedRecord]) -> None:
    """Insert or replace these rows, and delete forgotten ones, in the caller's transaction."""
    if not rows:
        return
    newest = max(row["closed_until"] for row in rows)
    await connection.execute(delete(feeds).where(_F.closed_until < newest - FORGET_MS))
    await connection.execute(_upsert(connection.dialect.name).values(list(rows)))


async def load_feeds(connection: AsyncConnection, now_ms: int) -> list[FeedRecord]:
    """Return the feeds that are not forgotten, in order of exchange, market type and share."""
    query = (
        select(feeds)
        .where(_F.closed_until >= now_ms - FORGET_MS)
        .order_by(_F.exchange, _F.market_type, _F.share)
    )
    return [to_record(row, FeedRecord) for row in await connection.execute(query)]


def _upsert(dialect: str) -> mysql.Insert | sqlite.Insert:
    if dialect == "mysql":
        new = mysql.insert(feeds)
        return new.on_duplicate_key_update({name: new.inserted[name] for name in _VALUES})
    other = sqlite.insert(feeds)
    return other.on_conflict_do_update(set_={name: other.excluded[name] for name in _VALUES})
