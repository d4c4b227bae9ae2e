"""One upgrade of a database at a time, whatever number of processes start at once."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

from runtime.errors import Transient

_LONGEST_NAME = 64


@contextmanager
def migration_lock(connection: Connection, timeout: float) -> Iterator[None]:
    """Hold the right to migrate. Raises Transient when another holds it for more than `timeout` seconds.

    SQLite needs nothing here: the transaction itself is exclusive, because it begins with IMMEDIATE. MySQL's DDL
    commits by itself, so it takes a named lock, which the server releases even when our process dies.
    """
    if connection.dialect.name != "mysql":
        yield
        return
    # Such names belong to the whole server, hence the database's in it.
    name = f"strandline.{connection.engine.url.database}"[:_LONGEST_NAME]
    if connection.scalar(text("SELECT GET_LOCK(:name, :seconds)"), {"name": name, "seconds": timeout}) != 1:
        raise Transient(f"another upgrade of this database has been running for {timeout:g} s")
    try:
        yield
    finally:
        if not connection.invalidated:
            connection.execute(text("SELECT RELEASE_LOCK(:name)"), {"name": name})
