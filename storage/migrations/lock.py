"""Allows one upgrade of a database at a time, however many processes start at once."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

from runtime.errors import Transient

_MAX_NAME_LENGTH = 64


@contextmanager
def migration_lock(connection: Connection, timeout: float) -> Iterator[None]:
    """Hold the migration lock while inside. Raises Transient when another holds it for more than `timeout` seconds.

    SQLite needs no lock: the transaction is exclusive, because it begins with IMMEDIATE. MySQL's DDL
    commits by itself, so it takes a named lock, which the server releases even when the process dies.
    """
    if connection.dialect.name != "mysql":
        yield
        return
    # Lock names are global to the server, hence the database name in it.
    name = f"strandline.{connection.engine.url.database}"[:_MAX_NAME_LENGTH]
    if connection.scalar(text("SELECT GET_LOCK(:name, :seconds)"), {"name": name, "seconds": timeout}) != 1:
        raise Transient(f"another upgrade of this database has been running for {timeout:g} s")
    try:
        yield
    finally:
        if not connection.invalidated:
            connection.execute(text("SELECT RELEASE_LOCK(:name)"), {"name": name})
