"""Opening a database, and the settings of its connections."""

import asyncio
import sqlite3
import traceback
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from runtime.errors import ConfigurationError
from runtime.settings import Settings
from storage.database import is_reachable, open_database
from storage.database_errors import Fault, classify


@pytest.mark.parametrize(
    "url",
    [
        "hunter2",
        "mysql://user:hunter2@host/db",
        "mysql+pymysql://user:hunter2@host/db",
        "sqlite:///hunter2.db",
        "postgresql+asyncpg://user:hunter2@host/db",
        "mysql+aiomysql://user:hunter2@host:notaport/db",
        "mysql+aiomysql://user:hunter2@host",
    ],
)
def test_open_database_refuses_invalid_url_without_repeating_it(url: str) -> None:
    with pytest.raises(ConfigurationError, match="mysql\\+aiomysql://user:password") as error:
        open_database(url)
    assert "hunter2" not in "".join(traceback.format_exception(error.value))


async def test_open_database_creates_folder_of_sqlite_file(tmp_path: Path) -> None:
    engine = open_database(f"sqlite+aiosqlite:///{tmp_path}/a/b/strandline.db")
    try:
        assert await is_reachable(engine, 5)
    finally:
        await engine.dispose()
    assert (tmp_path / "a" / "b" / "strandline.db").exists()


async def test_sqlite_reads_while_another_connection_writes(sqlite_url: str) -> None:
    engine = open_database(sqlite_url, lock_timeout=0.01)
    try:
        async with engine.begin() as writer:
            await writer.execute(text("CREATE TABLE t (n INTEGER)"))
        async with engine.connect() as writer, engine.connect() as reader:
            await writer.execute(text("INSERT INTO t VALUES (1)"))
            assert await reader.scalar(text("SELECT COUNT(*) FROM t")) == 0
            async with engine.connect() as rival:
                with pytest.raises(OperationalError, match="locked"):
                    await rival.execute(text("INSERT INTO t VALUES (2)"))
    finally:
        await engine.dispose()


async def test_sqlite_waits_for_a_lock_that_prevents_wal(tmp_path: Path) -> None:
    """SQLite answers *database is locked* at once here, in spite of its timeout."""
    with closing(sqlite3.connect(tmp_path / "strandline.db", isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        engine = open_database(f"sqlite+aiosqlite:///{tmp_path}/strandline.db", lock_timeout=60)
        asyncio.get_running_loop().call_later(0.1, writer.rollback)
        try:
            async with engine.connect() as connection:
                assert await connection.scalar(text("PRAGMA journal_mode")) == "wal"
        finally:
            await engine.dispose()


async def test_sqlite_lock_that_prevents_wal_is_an_outage(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "strandline.db", isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        engine = open_database(f"sqlite+aiosqlite:///{tmp_path}/strandline.db", lock_timeout=0.05)
        try:
            with pytest.raises(TimeoutError) as error:
                await engine.connect()
            assert classify(error.value) is Fault.TRANSIENT
        finally:
            await engine.dispose()


async def test_sqlite_rolls_back_created_tables(sqlite_url: str) -> None:
    engine = open_database(sqlite_url)
    try:
        async with engine.connect() as connection:
            await connection.execute(text("CREATE TABLE t (n INTEGER)"))
            await connection.rollback()
            assert await connection.scalar(text("SELECT COUNT(*) FROM sqlite_master")) == 0
    finally:
        await engine.dispose()


async def test_database_errors_hide_values(sqlite_url: str) -> None:
    engine = open_database(sqlite_url)
    try:
        async with engine.connect() as connection:
            with pytest.raises(OperationalError) as error:
                await connection.execute(text("INSERT INTO nowhere VALUES (:value)"), {"value": "hunter2"})
        assert "hunter2" not in str(error.value)
    finally:
        await engine.dispose()


async def test_is_reachable_is_false_without_server(tmp_path: Path) -> None:
    (tmp_path / "a-file").touch()
    engine = open_database("mysql+aiomysql://nobody:hunter2@127.0.0.1:1/nothing", connect_timeout=1)
    try:
        assert not await is_reachable(engine, 5)
    finally:
        await engine.dispose()


async def write_twice(engine: AsyncEngine) -> None:
    """Write on each of two pooled connections."""
    for _ in range(2):
        async with engine.begin() as connection:
            await connection.execute(text("INSERT INTO written VALUES (1)"))


async def test_mysql_connections_are_dropped_after_a_read_only_error(mysql_url: str) -> None:
    engine = open_database(mysql_url)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("CREATE TABLE written (n INT)"))
        async with engine.connect() as first, engine.connect() as second:
            before = {await each.scalar(text("SELECT CONNECTION_ID()")) for each in (first, second)}
            await first.rollback()
            await first.execute(text("SET SESSION TRANSACTION READ ONLY"))
            await first.rollback()
        with pytest.raises(DBAPIError) as error:
            await write_twice(engine)
        assert classify(error.value) is Fault.TRANSIENT
        async with engine.begin() as one, engine.begin() as other:
            after = {await each.scalar(text("SELECT CONNECTION_ID()")) for each in (one, other)}
            await one.execute(text("INSERT INTO written VALUES (1)"))
        assert not before & after
    finally:
        await engine.dispose()


async def test_mysql_session_is_utc_and_strict(mysql_url: str) -> None:
    engine = open_database(mysql_url)
    try:
        async with engine.connect() as connection:
            names = (
                "time_zone",
                "transaction_isolation",
                "sql_mode",
                "lock_wait_timeout",
                "character_set_client",
            )
            asked = text(f"SELECT {', '.join(f'@@{name}' for name in names)}")
            zone, isolation, mode, wait, charset = (await connection.execute(asked)).one()
    finally:
        await engine.dispose()
    assert (zone, isolation, wait, charset) == ("+00:00", "READ-COMMITTED", 10, "utf8mb4")
    assert "STRICT_TRANS_TABLES" in mode


@pytest.mark.parametrize(
    ("url", "opened"),
    [
        ("mysql+aiomysql://u:p@h/d", "mysql+aiomysql://u:p@h/d?ssl=true&ssl_ca=%2Fetc%2Fca.pem"),
        (
            "mysql+aiomysql://u:p%3F@h/d?a=b",
            "mysql+aiomysql://u:p%3F@h/d?a=b&ssl=true&ssl_ca=%2Fetc%2Fca.pem",
        ),
        ("sqlite+aiosqlite:///f", "sqlite+aiosqlite:///f"),
    ],
)
def test_database_url_carries_tls_options(url: str, opened: str) -> None:
    settings = Settings.load(database_url=url, database_ssl=True, database_ssl_cafile="/etc/ca.pem")
    assert settings.require_database_url() == opened


def test_ca_file_without_tls_is_refused() -> None:
    settings = Settings.load(database_url="mysql+aiomysql://u:p@h/d", database_ssl_cafile="/etc/ca.pem")
    with pytest.raises(ConfigurationError, match="STRANDLINE_DATABASE_SSL: set it to true"):
        settings.require_database_url()


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("ssl=yes", "true or false"),
        ("ssl_ca=/x", "no ssl=true"),
        ("ssl=true&ssl_ca={folder}/no-such", "cannot be read"),
    ],
)
def test_open_database_refuses_invalid_tls_options(query: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=message):
        open_database(f"mysql+aiomysql://u:hunter2@h/d?{query.format(folder=tmp_path)}")


def test_open_database_refuses_ca_file_without_certificate(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing")
    with pytest.raises(ConfigurationError, match="contains no certificate"):
        open_database(f"mysql+aiomysql://u:p@h/d?ssl=true&ssl_ca={tmp_path}/ca.pem")
