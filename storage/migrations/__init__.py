"""Upgrades the database schema to this version of the code. Safe to repeat, and to run from several places at once.

alembic orders the migrations and records which are applied. Its command layer is not used: it keeps its state in
module globals, so two upgrades in one process would interfere; and it needs files (alembic.ini, env.py) that an
installed wheel does not have.
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
from storage.migrations.adoption import widen
from storage.migrations.lock import migration_lock
from storage.migrations.versions.v0001_results_and_jobs import RESULTS

VERSION_TABLE = "strandline_version"
"""Not alembic's default name: other backends in the same database may use alembic too."""


async def upgrade(
    database: str | AsyncEngine,
    *,
    migration_lock_timeout: float = 300.0,
    lock_timeout: float = 60.0,
    timeout: float = 3_600.0,
) -> str:
    """Apply the missing migrations and return the revision reached (`0001`). Timeouts are in seconds.

    `migration_lock_timeout` bounds the wait for another upgrade, `lock_timeout` that for a lock on a table,
    `timeout` the whole. Raises Transient (busy or unreachable: retry) and ConfigurationError, which names what
    the operator should do.
    """
    url = database if isinstance(database, str) else database.url.render_as_string(hide_password=False)
    # A connection of its own, with other settings and longer timeouts.
    engine = open_database(url, pool_size=1, max_connections=1, lock_timeout=lock_timeout)
    engine = engine.execution_options(sqlite_begin="IMMEDIATE")
    try:
        with translate_errors("may the URL's user create and alter tables there?"):
            async with asyncio.timeout(timeout), engine.connect() as connection:
                return await connection.run_sync(_upgrade, migration_lock_timeout)
    finally:
        await engine.dispose()


async def current_revision(engine: AsyncEngine) -> str | None:
    """Return the revision of the database; None without Strandline's tables. Raises Transient, ConfigurationError."""
    with translate_errors("may the URL's user read there?"):
        async with engine.connect() as connection:
            if not await connection.run_sync(lambda sync: inspect(sync).has_table(VERSION_TABLE)):
                return None
            found = await connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}"))  # noqa: S608
            return found.scalar()


def latest_revision() -> str:
    """Return the revision that this version of the code needs."""
    head = _load_scripts().get_current_head()
    if head is None:
        raise ConfigurationError("this installation contains no migrations: reinstall it")
    return head


def _load_scripts() -> ScriptDirectory:
    return ScriptDirectory(str(Path(__file__).parent))


def _upgrade(connection: Connection, migration_lock_timeout: float) -> str:
    with migration_lock(connection, migration_lock_timeout):
        if connection.dialect.name == "mysql":
            # Tables of other backends may default to '0000-00-00': legal when they were created, and kept.
            connection.execute(text("SET sql_mode = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION'"))
        try:
            _run_migrations(connection, _load_scripts())
            _widen_results(connection)
        except CommandError as error:
            raise ConfigurationError(
                f"the database was upgraded by another version of Strandline ({error}): run that one, or a newer one"
            ) from error
        connection.commit()
    return latest_revision()


def _widen_results(connection: Connection) -> None:
    """Widen again what the migration of another backend narrowed since: gorm applies the types of its own struct."""
    widen(Operations(MigrationContext.configure(connection)), RESULTS)


def _run_migrations(connection: Connection, scripts: ScriptDirectory) -> None:
    """Run the migrations from the database's revision to the latest; each is given its `op`."""
    context = MigrationContext.configure(
        connection,
        opts={
            "version_table": VERSION_TABLE,
            # By default alembic commits each migration, which lets another upgrade in between.
            "transactional_ddl": connection.dialect.name == "sqlite",
            # Private, but the only way: alembic's own upgrade command does the same.
            "fn": lambda done, _context: scripts._upgrade_revs("head", done),
        },
    )
    context.run_migrations(op=Operations(context))
