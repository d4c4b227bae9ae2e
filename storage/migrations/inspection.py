"""Reads the columns and keys of an existing table from the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa


@dataclass(frozen=True, slots=True)
class ExistingColumn:
    """A column; `definition` is MySQL's own text of it (`float NOT NULL COMMENT '...'`), empty for SQLite."""

    type: sa.types.TypeEngine[Any]
    needs_value: bool
    definition: str = ""
    charset: str | None = None
    collation: str | None = None


@dataclass(frozen=True, slots=True)
class ExistingTable:
    """A table; `unique`: the columns of each unique key except the primary key, by the key's name."""

    name: str
    columns: Mapping[str, ExistingColumn]
    primary_key: tuple[str, ...]
    autoincrements: bool
    unique: Mapping[str, tuple[str, ...]]
    indexes: tuple[tuple[str, ...], ...]


def inspect_table(connection: sa.Connection, name: str) -> ExistingTable:
    """Return the table `name`, which must exist."""
    inspector = sa.inspect(connection)
    definitions, letters = _definitions(connection, name), _letters(connection, name)
    primary_key = tuple(inspector.get_pk_constraint(name)["constrained_columns"])
    columns = {
        column["name"]: ExistingColumn(
            type=column["type"],
            needs_value=_needs_value(column),
            definition=definitions.get(column["name"], ""),
            charset=letters.get(column["name"], (None, None))[0],
            collation=letters.get(column["name"], (None, None))[1],
        )
        for column in inspector.get_columns(name)
    }
    indexes = {
        str(index["name"]): index
        for index in inspector.get_indexes(name)
        # A partial index (SQLite), or one on an expression, does not cover every row.
        if None not in index["column_names"] and "sqlite_where" not in index.get("dialect_options", {})
    }
    constraints = {
        str(unique["name"]): unique["column_names"] for unique in inspector.get_unique_constraints(name)
    }
    unique = {key: index["column_names"] for key, index in indexes.items() if index["unique"]} | constraints
    return ExistingTable(
        name=name,
        columns=columns,
        primary_key=primary_key,
        autoincrements=_autoincrements(connection, inspector.get_columns(name), primary_key),
        unique={key: tuple(str(part) for part in parts) for key, parts in unique.items()},
        indexes=tuple(tuple(str(part) for part in index["column_names"]) for index in indexes.values()),
    )


def _needs_value(column: "sa.engine.interfaces.ReflectedColumn") -> bool:
    has_value = (
        column.get("default") is not None or column.get("computed") or column.get("autoincrement") is True
    )
    return not column["nullable"] and not has_value


def _autoincrements(
    connection: sa.Connection,
    columns: "list[sa.engine.interfaces.ReflectedColumn]",
    primary_key: tuple[str, ...],
) -> bool:
    """Return whether a row inserted without `id` gets the next id."""
    for column in columns:
        if column["name"] == "id" and connection.dialect.name == "mysql":
            return column.get("autoincrement") is True
        if column["name"] == "id":  # SQLite: only an INTEGER PRIMARY KEY is the rowid.
            return primary_key == ("id",) and str(column["type"]).upper() == "INTEGER"
    return False


def _definitions(connection: sa.Connection, name: str) -> dict[str, str]:
    """Return the text after each column's name in SHOW CREATE TABLE, the only place with all of it."""
    if connection.dialect.name != "mysql":
        return {}
    quoted = connection.dialect.identifier_preparer.quote_identifier(name)
    created: str = connection.exec_driver_sql(f"SHOW CREATE TABLE {quoted}").one()[1]
    lines = (line.strip().rstrip(",") for line in created.splitlines()[1:])
    pairs = (line[1:].split("` ", 1) for line in lines if line.startswith("`"))
    return dict(pair for pair in pairs if len(pair) == 2)


def _letters(connection: sa.Connection, name: str) -> dict[str, tuple[str, str]]:
    """Return character set and collation of each text column: SHOW CREATE TABLE omits those of the table."""
    if connection.dialect.name != "mysql":
        return {}
    rows = connection.execute(
        sa.text(
            "SELECT COLUMN_NAME, CHARACTER_SET_NAME, COLLATION_NAME FROM information_schema.COLUMNS"
            " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = :name AND CHARACTER_SET_NAME IS NOT NULL"
        ),
        {"name": name},
    )
    return {str(column): (str(charset), str(collation)) for column, charset, collation in rows}
