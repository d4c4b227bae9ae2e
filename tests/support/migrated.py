"""Migrated databases: migrated once per worker, then copied (SQLite) or emptied (MySQL) for each test."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pymysql
from pymysql.constants import CLIENT
from sqlalchemy.engine import make_url

from schemas.tables import metadata
from storage.migrations import upgrade
from tests.support.databases import fresh_mysql


class SqliteTemplate:
    """A migrated SQLite file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        asyncio.run(upgrade(_sqlite_url(file)))

    def copy_to(self, file: Path) -> str:
        """Copy the file; return the URL of the copy."""
        shutil.copyfile(self._file, file)
        return _sqlite_url(file)


class MigratedMysql:
    """A migrated MySQL database that each test gets empty. Migrating one for each test takes half a second."""

    def __init__(self, url: str) -> None:
        self.url = url
        asyncio.run(upgrade(url))

    def empty(self) -> None:
        """Close the connections that a test left open, delete all rows, and restart the ids at 1."""
        server = make_url(self.url)
        connection = pymysql.connect(
            host=server.host or "127.0.0.1",
            port=server.port or 3306,
            user=server.username or "root",
            password=server.password or "",
            database=server.database,
            client_flag=CLIENT.MULTI_STATEMENTS,
            autocommit=True,
        )
        with closing(connection), connection.cursor() as cursor:
            cursor.execute(
                "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()"
            )
            for (number,) in cursor.fetchall():
                _kill(cursor, number)
            tables = [table.name for table in metadata.sorted_tables]
            cursor.execute(
                ";".join(f"DELETE FROM {name}; ALTER TABLE {name} AUTO_INCREMENT = 1" for name in tables)
            )
            while cursor.nextset():
                pass


@contextmanager
def open_migrated_mysql(server_url: str) -> Iterator[MigratedMysql]:
    """Create and migrate a database on the server; it is dropped on exit."""
    with fresh_mysql(server_url) as url:
        yield MigratedMysql(url)


def _kill(cursor: pymysql.cursors.Cursor, number: int) -> None:
    try:
        cursor.execute(f"KILL {number}")
    except pymysql.err.OperationalError as error:
        if error.args[0] != 1094:  # it has ended by itself
            raise


def _sqlite_url(file: Path) -> str:
    return f"sqlite+aiosqlite:///{file}"
