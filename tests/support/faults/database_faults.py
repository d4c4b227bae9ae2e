"""Faults of the database: killed, restarted, read-only, locked, and connections cut."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from random import Random

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from tests.support.containers import Server
from tests.support.faults.faults import Fault
from tests.support.faults.stand import FaultEnvironment

_AWAY_SECONDS = 3.0
_UNWILLING_SECONDS = 5.0
_CUTS = 10
_ALTER_SECONDS = 10.0


@asynccontextmanager
async def _connect(stand: FaultEnvironment) -> AsyncIterator[AsyncConnection]:
    """Yield a connection outside of all pools."""
    engine = create_async_engine(stand.settings.require_database_url(), poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            yield connection
    finally:
        await engine.dispose()


def _mysql(stand: FaultEnvironment) -> Server:
    assert stand.owned.mysql is not None, "this fault needs a database server of its own"
    return stand.owned.mysql


async def kill_database(stand: FaultEnvironment, chance: Random) -> None:
    mysql = _mysql(stand)
    await asyncio.to_thread(mysql.kill)
    await asyncio.sleep(chance.uniform(0.0, _AWAY_SECONDS))
    await asyncio.to_thread(mysql.start)


async def restart_database(stand: FaultEnvironment, _chance: Random) -> None:
    mysql = _mysql(stand)
    await asyncio.to_thread(mysql.stop)
    await asyncio.to_thread(mysql.start)


async def forbid_writing(stand: FaultEnvironment, _chance: Random) -> None:
    """Make the server read-only, for root as well, as after a failover to a replica."""
    _mysql(stand)
    async with _connect(stand) as connection:
        await connection.execute(text("SET GLOBAL super_read_only = 1"))
        try:
            await asyncio.sleep(_UNWILLING_SECONDS)
        finally:
            await connection.execute(text("SET GLOBAL super_read_only = 0"))
            await connection.execute(text("SET GLOBAL read_only = 0"))


async def lock_tables(stand: FaultEnvironment, _chance: Random) -> None:
    async with _connect(stand) as connection:
        await connection.execute(text("LOCK TABLES analysis_results WRITE, analysis_jobs WRITE"))
        try:
            await asyncio.sleep(_UNWILLING_SECONDS)
        finally:
            await connection.execute(text("UNLOCK TABLES"))


async def alter_table(stand: FaultEnvironment, chance: Random) -> None:
    """Hold a table by an ALTER that waits for an open transaction: every statement on the table waits behind it."""
    table = chance.choice(("analysis_results", "analysis_jobs"))
    async with _connect(stand) as reader, _connect(stand) as changer:
        await reader.execute(text(f"SELECT COUNT(*) FROM {table}"))
        # Not in place: MySQL then ends the ALTER itself with a duplicate key when rows are upserted beside it.
        altering = asyncio.create_task(_execute(changer, f"ALTER TABLE {table} FORCE, ALGORITHM=COPY"))
        try:
            await asyncio.sleep(_ALTER_SECONDS)
            assert not altering.done(), "the table was not held"
        finally:
            await reader.rollback()
            await altering


async def _execute(connection: AsyncConnection, statement: str) -> None:
    await connection.execute(text(statement))


async def cut_connections(stand: FaultEnvironment, chance: Random) -> None:
    """Repeatedly kill every connection to this database."""
    others = text(
        "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()"
    )
    async with _connect(stand) as connection:
        for _ in range(_CUTS):
            for number in (await connection.execute(others)).scalars().all():
                await _cut(connection, number)
            await asyncio.sleep(chance.uniform(0.1, 0.9))


async def _cut(connection: AsyncConnection, number: int) -> None:
    with suppress(DBAPIError):  # it has ended by itself
        await connection.execute(text(f"KILL {number}"))


_BREAKS = frozenset({"mysql"})
KILL_DATABASE = Fault("kill-database", kill_database, 4.0, _BREAKS)
RESTART_DATABASE = Fault("restart-database", restart_database, 4.0, _BREAKS)
FORBID_WRITING = Fault("read-only-database", forbid_writing, _UNWILLING_SECONDS, _BREAKS)
LOCK_TABLES = Fault("locked-tables", lock_tables, _UNWILLING_SECONDS)
ALTER_TABLE = Fault("alter-table", alter_table, _ALTER_SECONDS)
CUT_CONNECTIONS = Fault("cut-connections", cut_connections, 0.5 * _CUTS)
