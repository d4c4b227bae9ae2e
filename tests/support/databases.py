"""A new database on a shared MySQL server."""

import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pymysql
from sqlalchemy.engine import URL, make_url


@contextmanager
def fresh_mysql(server_url: str) -> Iterator[str]:
    """Yield `mysql+aiomysql://.../<new database>`; it is dropped on exit. The URL's user may create databases."""
    server = make_url(server_url)
    name = f"strandline_{uuid.uuid4().hex[:12]}"
    _execute(server, f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    try:
        yield server.set(drivername="mysql+aiomysql", database=name).render_as_string(hide_password=False)
    finally:
        _execute(server, f"DROP DATABASE {name}")


def _execute(server: URL, statement: str) -> None:
    connection = pymysql.connect(
        host=server.host or "127.0.0.1",
        port=server.port or 3306,
        user=server.username or "root",
        password=server.password or "",
        connect_timeout=10,
    )
    with closing(connection), connection.cursor() as cursor:
        cursor.execute(statement)
