"""The watchlist: the entries that roles have in their settings, and what operators have changed of it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from sqlalchemy import delete, insert, select
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schemas.records import WatchlistChangeRecord, WatchlistEntryRecord, to_record
from schemas.tables import watchlist_changes, watchlist_entries
from storage.bulk_insert import insert_rows
from storage.database_errors import translate_errors

_CHANGED_VALUES = ("is_followed", "priority", "changed_at")
_INSERT = insert(watchlist_entries)
_TIMEOUT = 10.0
_ROWS_PER_STATEMENT = 500

MAX_ENTRY = 191
"""Characters of an entry."""


async def register_entries(engine: AsyncEngine, role: str, priorities: Mapping[str, int]) -> None:
    """Replace the entries of a role by these; entry -> priority. Raises Transient."""
    rows = [
        {"role": role, "entry": entry, "priority": number} for entry, number in sorted(priorities.items())
    ]
    async with _open_write(engine) as connection:
        await connection.execute(delete(watchlist_entries).where(watchlist_entries.c.role == role))
        for start in range(0, len(rows), _ROWS_PER_STATEMENT):
            await insert_rows(
                connection, insert(watchlist_entries), rows[start : start + _ROWS_PER_STATEMENT]
            )


async def load_entries(engine: AsyncEngine) -> list[WatchlistEntryRecord]:
    """Return the entries of all roles, in order. Raises Transient."""
    query = select(watchlist_entries).order_by(watchlist_entries.c.entry, watchlist_entries.c.role)
    with translate_errors():
        async with asyncio.timeout(_TIMEOUT), engine.connect() as connection:
            return [to_record(row, WatchlistEntryRecord) for row in await connection.execute(query)]


async def load_changes(engine: AsyncEngine) -> list[WatchlistChangeRecord]:
    """Return the changes in order of their entries. Raises Transient."""
    query = select(watchlist_changes).order_by(watchlist_changes.c.entry)
    with translate_errors():
        async with asyncio.timeout(_TIMEOUT), engine.connect() as connection:
            return [to_record(row, WatchlistChangeRecord) for row in await connection.execute(query)]


async def store_change(engine: AsyncEngine, change: WatchlistChangeRecord) -> None:
    """Insert or replace the change of an entry. Raises Transient."""
    async with _open_write(engine) as connection:
        await connection.execute(_upsert(connection.dialect.name).values(**change))


async def delete_change(engine: AsyncEngine, entry: str) -> None:
    """Forget the change of an entry. Raises Transient."""
    async with _open_write(engine) as connection:
        await connection.execute(delete(watchlist_changes).where(watchlist_changes.c.entry == entry))


def _upsert(dialect: str) -> mysql.Insert | sqlite.Insert:
    if dialect == "mysql":
        new = mysql.insert(watchlist_changes)
        return new.on_duplicate_key_update({name: new.inserted[name] for name in _CHANGED_VALUES})
    other = sqlite.insert(watchlist_changes)
    return other.on_conflict_do_update(set_={name: other.excluded[name] for name in _CHANGED_VALUES})


@asynccontextmanager
async def _open_write(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    with translate_errors():
        async with asyncio.timeout(_TIMEOUT), engine.begin() as connection:
            yield connection
