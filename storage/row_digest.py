"""A digest of all columns of a row, computed by the database: equal digests mean equal rows.

A reader that knows a row by its digest need not read its columns: the driver reads them in Python, field by field.
"""

import hashlib
from typing import Any

from sqlalchemy import ColumnElement, FromClause, String, Text, type_coerce
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

SQLITE_FUNCTION = "strandline_row_digest"


class RowDigest(FunctionElement[str]):
    """The digest of its arguments; NULL where they are longer than MySQL's `max_allowed_packet`."""

    type = String()
    inherit_cache = True


def digest_row(table: FromClause) -> ColumnElement[str]:
    """Return the digest of all columns of `table`."""
    return RowDigest(*(type_coerce(column, Text) for column in table.c))


def digest_values(*values: object) -> str:
    """Return what SQLite computes for a row of `values`."""
    return hashlib.sha256(repr(values).encode("utf-8", "surrogatepass")).hexdigest()


@compiles(RowDigest, "mysql")
def _compile_mysql(element: RowDigest, compiler: SQLCompiler, **kw: Any) -> str:
    # CHAR() is binary: columns of different collations are joined by their bytes. A NULL is not an empty text.
    columns = ", ".join(f"COALESCE({compiler.process(column, **kw)}, CHAR(30))" for column in element.clauses)
    return f"SHA2(CONCAT_WS(CHAR(31), {columns}), 256)"


@compiles(RowDigest, "sqlite")
def _compile_sqlite(element: RowDigest, compiler: SQLCompiler, **kw: Any) -> str:
    return f"{SQLITE_FUNCTION}({compiler.process(element.clauses, **kw)})"
