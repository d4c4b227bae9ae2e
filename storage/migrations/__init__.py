"""Bring the database to the shape that this version of the code needs. Safe to run again, and from several places.

alembic keeps the order of the migrations and writes down which are done. Its command layer is left out: it keeps what
it works on in module globals, so two upgrades in one process would get into each other's way; and it wants files
(alembic.ini, env.py) that whoever installed the wheel has no use for.
"""

import asyncio
from pathlib import Path

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine

from runtime.errors import ConfigurationError
from storage.database import open_database
from storage.database_errors import translate_errors
from storage.migrations.lock import migration_lock

VERSION_TABLE = "strandline_version"
"""Not alembic's default name: other backends in the same database may use alembic as well."""


async def upgrade(
    database: str | AsyncEngine,
    *,
    migration_lock_timeout: float = 300.0,
    lock_timeout: float = 60.0,
    timeout: float = 3_600.0,
) -> str:
    """Apply what is missing and return the revision (`0001`) reached. Timeouts are in seconds.

    `turn_timeout` bounds the wait for another upgrade, `lock_timeout` that for a lock on a table, `timeout` the whole.
    Raises Transient (try again: busy, or away) and ConfigurationError, which says what the operator should do.
    """
    url = database if isinstance(database, str) else database.url.render_as_string(hide_password=False)
    # A session of its own, because it is set up differently, and waits longer.
    engine = open_database(url, pool_size=1, max_connections=1, lock_timeout=lock_timeout)
    engine = engine.execution_options(sqlite_begin="IMMEDIATE")
    try:
        with translate_errors("may the URL's user create and alter tables there?"):
            async with asyncio.timeout(timeout), engine.connect() as connection:
                return await connection.run_sync(_upgrade, migration_lock_timeout)
    finally:
        await engine.dispose()


async def current_revision(engine: AsyncEngine) -> str | None:
    """The revision that the database is at; None where it has none of ours. Raises Transient, ConfigurationError."""
    with translate_errors("may the URL's user read there?"):
        async with engine.connect() as connection:
            if not await connection.run_sync(lambda sync: inspect(sync).has_table(VERSION_TABLE)):
                return None
            found = await connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}"))  # noqa: S608
            return found.scalar()


def latest_revision() -> str:
    """The revision that this version of the code needs."""
    head = _scripts().get_current_head()
    if head is None:
        raise ConfigurationError("this installation has no migrations in it: install it anew")
    return head


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(Path(__file__).parent))


def _upgrade(connection: Connection, migration_lock_timeout: float) -> str:
    with migration_lock(connection, migration_lock_timeout):
        if connection.dialect.name == "mysql":
            # Tables made by others may default to '0000-00-00': legal when they were made, and not ours to mend.
            connection.execute(text("SET sql_mode = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION'"))
        try:
            _walk(connection, _scripts())
        except CommandError as error:
            raise ConfigurationError(
                f"the database was upgraded by another version of Strandline ({error}): run that one, or a newer one"
            ) from error
        connection.commit()
    return latest_revision()


def _walk(connection: Connection, scripts: ScriptDirectory) -> None:
    """Run the migrations between what the database says and the newest; each is handed its `op`."""
    context = MigrationContext.configure(
        connection,
        opts={
            "version_table": VERSION_TABLE,
            # alembic would commit each migration by itself and let another upgrade in between: SQLite needs it not.
            "transactional_ddl": connection.dialect.name == "sqlite",
            # Underscored, and yet the only way: alembic's own command does it so.
            "fn": lambda done, _context: scripts._upgrade_revs("head", done),
        },
    )
    context.run_migrations(op=Operations(context))
