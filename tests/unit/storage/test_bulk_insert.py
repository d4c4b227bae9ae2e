"""The text and the parameters of a statement for many rows."""

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, func
from sqlalchemy.dialects import mysql
from sqlalchemy.engine import Dialect

from storage.bulk_insert import compile_insert

_TABLE = Table("t", MetaData(), Column("id", Integer, primary_key=True), Column("name", String(9)))


def mysql_dialect() -> Dialect:
    dialect = mysql.dialect(paramstyle="format")
    dialect._requires_alias_for_on_duplicate_key = True  # as on MySQL 8.0.20 or later
    return dialect


def test_bulk_insert_repeats_the_row_of_values() -> None:
    insert = mysql.insert(_TABLE)
    statement = insert.on_duplicate_key_update(name=func.concat(insert.inserted.name, "%", "!"))
    bulk = compile_insert(statement, mysql_dialect(), ("name", "id"))
    assert " ".join(bulk.write_sql(3).split()) == (
        "INSERT INTO t (id, name) VALUES (%s, %s), (%s, %s), (%s, %s)"
        " AS new ON DUPLICATE KEY UPDATE name = concat(new.name, %s, %s)"
    )
    assert bulk.bind([{"name": "a", "id": 1}, {"id": 2, "name": ["b"]}]) == (1, "a", 2, '["b"]', "%", "!")


def test_bulk_insert_refuses_a_statement_with_values_of_its_own() -> None:
    with pytest.raises(ValueError, match="not an INSERT of one row"):
        compile_insert(mysql.insert(_TABLE).values(name=func.upper("a")), mysql_dialect(), ("id",))
