"""Reads from the database, shared by the queries of every feature.

Each call reads within READ_TIMEOUT seconds, and raises Transient while the database is away.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import CursorResult, Executable, FromClause, Select, Text, select, type_coerce
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from runtime.errors import Transient
from storage.database_errors import Fault, classify

READ_TIMEOUT = 10.0
"""Seconds for a whole read, including the wait for a connection."""

LEVEL_COLUMNS = ("support_levels", "resistance_levels", "levels")


@asynccontextmanager
async def open_read(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Open a connection for reading. Raises Transient while the database is away, or after READ_TIMEOUT."""
    try:
        async with asyncio.timeout(READ_TIMEOUT), engine.connect() as connection:
            yield connection
    except (SQLAlchemyError, OSError) as error:
        if classify(error) is Fault.TRANSIENT:
            raise Transient("the database does not answer: try again") from error
        raise


async def execute_read(
    connection: AsyncConnection, statement: Executable, values: Mapping[str, object] | None = None
) -> CursorResult[Any]:
    """Return what a SELECT finds, on a new connection where the pooled one turns out to have died."""
    try:
        return await connection.execute(statement, values)
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        await connection.rollback()  # ends the transaction that died with the connection
        return await connection.execute(statement, values)


async def fetch_all(
    connection: AsyncConnection, statement: Select[Any], values: Mapping[str, object] | None = None
) -> list[Any]:
    """Return the rows as dictionaries by column; each query states their type. `values` are its parameters."""
    rows = await execute_read(connection, statement, values)
    names = tuple(rows.keys())
    return [dict(zip(names, row, strict=True)) for row in rows]


async def fetch_one(
    engine: AsyncEngine, statement: Select[Any], values: Mapping[str, object] | None = None
) -> Any | None:
    """Return the first row as a dictionary, or None."""
    async with open_read(engine) as connection:
        rows = await fetch_all(connection, statement, values)
        return rows[0] if rows else None


async def fetch_page(
    engine: AsyncEngine, page: Select[Any], count: Select[int], *, offset: int
) -> tuple[list[Any], int]:
    """Return the rows of `page`, which begins at `offset`, and their total number, which `count` selects."""
    async with open_read(engine) as connection:
        total = (await execute_read(connection, count)).scalar_one()
        # Also keeps page numbers beyond the database's integers out of the statement.
        if offset >= total:
            return [], total
        return await fetch_all(connection, page), total


def select_columns(table: FromClause, *, exclude: Collection[str] = ()) -> Select[Any]:
    """Select the columns of `table`, those with levels as the text that is stored.

    Other backends write results too: invalid JSON in one row must not fail a whole page inside the driver.
    `api.results.stored_json` parses the text.
    """
    return select(
        *(
            type_coerce(column, Text).label(column.name) if column.name in LEVEL_COLUMNS else column
            for column in table.c
            if column.name not in exclude
        )
    )
