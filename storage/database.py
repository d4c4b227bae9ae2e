"""The database, MySQL or SQLite: one engine per process, opened here and nowhere else.

Every wait has a timeout: for a connection, for the pool, for a lock. A statement may still hang on a connection that
died silently, because aiomysql has no read timeout: bound a transaction with asyncio.timeout.
"""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, ExceptionContext, event, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from runtime.errors import ConfigurationError
from runtime.redaction import ESCAPE_ADVICE
from runtime.settings import Settings
from storage import database_tls
from storage.database_errors import is_read_only
from storage.idle_ping import ping_idle_connections
from storage.json_text import to_json_text
from storage.row_digest import SQLITE_FUNCTION, digest_values

MYSQL = "mysql+aiomysql"
SQLITE = "sqlite+aiosqlite"

_WAL_RETRY_SECONDS = 0.02

_FORMS = f"{MYSQL}://user:password@host/database or {SQLITE}:///file"
_TLS_OPTIONS = ("ssl", "ssl_ca")
_STRICT = (
    "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,"
    "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"
)
_ON_CONNECT = (
    # TIMESTAMP is converted to the session's time zone: ours is UTC, independent of the server's.
    "SET time_zone = '+00:00'"
    # A value that does not fit is rejected, never truncated: the record becomes a dead letter.
    f", sql_mode = '{_STRICT}'"
    ", innodb_lock_wait_timeout = {lock}, lock_wait_timeout = {lock}"
)


@asynccontextmanager
async def database_engine(settings: Settings) -> AsyncIterator[AsyncEngine]:
    """Open the engine of the configured database while inside. Raises ConfigurationError without one."""
    engine = open_database(settings.require_database_url())
    try:
        yield engine
    finally:
        await engine.dispose()


def open_database(
    url: str,
    *,
    pool_size: int = 5,
    max_connections: int = 15,
    pool_timeout: float = 10.0,
    connect_timeout: float = 5.0,
    lock_timeout: float = 10.0,
    only_reads: bool = False,
) -> AsyncEngine:
    """Build an engine for `url`, which connects on first use; the caller disposes of it. Timeouts are in seconds.

    With `only_reads` every statement on MySQL is a transaction of its own, and a connection that was used a moment ago
    is not pinged: a read is one message to the server and back, instead of three.

    Raises ConfigurationError, which never contains the URL (it holds a password).
    """
    parsed = _parse_url(url)
    pool: dict[str, Any] = {
        "pool_size": pool_size,
        "max_overflow": max(0, max_connections - pool_size),
        "pool_timeout": pool_timeout,
        # Error texts are logged: with the statement, but without its values.
        "hide_parameters": True,
        "json_serializer": to_json_text,
    }
    if parsed.drivername == MYSQL:
        return _open_mysql(parsed, connect_timeout, lock_timeout, pool, only_reads=only_reads)
    return _open_sqlite(parsed, lock_timeout, pool)


def _parse_url(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # a port that is not a number, and may be part of a password
        raise ConfigurationError(f"the database URL is not valid: {_FORMS}; {ESCAPE_ADVICE}") from None
    if parsed.drivername == MYSQL and "@" in f"{parsed.host}{parsed.database}":
        raise ConfigurationError(f"the database URL is not valid: {ESCAPE_ADVICE}")
    if parsed.drivername not in {MYSQL, SQLITE}:
        raise ConfigurationError(f"the database URL begins with {parsed.drivername}: {_FORMS}")
    if not parsed.database:
        raise ConfigurationError(f"the database URL names no database: {_FORMS}")
    return parsed


def _open_mysql(
    url: URL, connect_timeout: float, lock_timeout: float, pool: dict[str, Any], *, only_reads: bool
) -> AsyncEngine:
    encrypted, cafile = _read_tls_options(url)
    engine = create_async_engine(
        url.difference_update_query(_TLS_OPTIONS),
        # Each statement sees what is committed by then. MySQL's default also locks the gaps between keys, and sinks
        # that insert neighbouring markets would deadlock without touching the same row.
        isolation_level="AUTOCOMMIT" if only_reads else "READ COMMITTED",
        skip_autocommit_rollback=only_reads,
        # A server, or a firewall in between, closes idle connections: ping first, and recycle after half an hour.
        pool_pre_ping=not only_reads,
        pool_recycle=1_800,
        connect_args={
            "connect_timeout": connect_timeout,
            "charset": "utf8mb4",
            "init_command": _ON_CONNECT.format(lock=max(1, round(lock_timeout))),
            **(database_tls.connect_args(cafile) if encrypted else {}),
        },
        **pool,
    )
    event.listen(engine.sync_engine, "handle_error", _drop_read_only_connections)
    if only_reads:
        ping_idle_connections(engine.sync_engine)
    return engine


def _drop_read_only_connections(context: ExceptionContext) -> None:
    """Close every pooled connection after a read-only error: they lead to the primary of before a failover."""
    if is_read_only(context.original_exception):
        context.is_disconnect = True


def _read_tls_options(url: URL) -> tuple[bool, str | None]:
    """Return whether the URL requests TLS, and its CA file. Raises ConfigurationError."""
    ssl, cafile = url.query.get("ssl", "false"), url.query.get("ssl_ca")
    if ssl not in {"true", "false"}:
        raise ConfigurationError("the database URL's ssl must be true or false")
    if cafile and ssl == "false":
        raise ConfigurationError("the database URL has an ssl_ca, but no ssl=true")
    return ssl == "true", str(cafile) if cafile else None


def _open_sqlite(url: URL, lock_timeout: float, pool: dict[str, Any]) -> AsyncEngine:
    Path(url.database or "").expanduser().resolve().parent.mkdir(parents=True, exist_ok=True)
    # isolation_level None: the driver begins no transactions (it would not before DDL), we do.
    engine = create_async_engine(url, connect_args={"isolation_level": None, "timeout": lock_timeout}, **pool)
    event.listen(engine.sync_engine, "connect", partial(_prepare_sqlite, lock_timeout))
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(lock_timeout: float, connection: Any, _record: object) -> None:
    connection.run_async(partial(_prepare_connection, lock_timeout))


async def _prepare_connection(lock_timeout: float, connection: Any) -> None:
    """Switch the file to WAL, in which readers and the one writer do not block each other, and check foreign keys.

    SQLite refuses the switch at once while another connection holds a lock, without its own wait for locks, because
    two that switch together would wait for each other. So this waits, `lock_timeout` seconds at most.
    """
    deadline = time.monotonic() + lock_timeout
    while not await _try_wal(connection):
        if time.monotonic() > deadline:
            raise TimeoutError(f"another connection has held a lock on the file for {lock_timeout:g} s")
        await asyncio.sleep(_WAL_RETRY_SECONDS)
    await connection.execute("PRAGMA foreign_keys = ON")
    await connection.create_function(SQLITE_FUNCTION, -1, digest_values, deterministic=True)


async def _try_wal(connection: Any) -> bool:
    """Switch the file to WAL mode where it can be; return False while a lock of another connection prevents it."""
    try:
        # Read first, because setting it takes a lock.
        if await _read_journal_mode(connection, "PRAGMA journal_mode") != "wal":
            await _read_journal_mode(connection, "PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError as error:
        if "locked" not in str(error):
            raise
        return False
    return True


async def _read_journal_mode(connection: Any, pragma: str) -> str:
    cursor = await connection.execute(pragma)
    (mode,) = await cursor.fetchone()
    await cursor.close()
    return str(mode)


def _begin_sqlite(connection: Connection) -> None:
    """Begin a transaction; `execution_options(sqlite_begin="IMMEDIATE")` locks at once, to read and then write."""
    connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get('sqlite_begin', '')}")


async def is_reachable(engine: AsyncEngine, timeout: float) -> bool:
    """Return whether the database answers a query within `timeout` seconds."""
    try:
        async with asyncio.timeout(timeout), engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    except (SQLAlchemyError, OSError):
        return False
    return True
