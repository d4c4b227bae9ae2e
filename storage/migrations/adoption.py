"""Adopt a table that another backend created, without removing anything: its rows, ids and times stay as they are.

That backend keeps reading and writing the table, so existing columns are kept, and missing ones get a default.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from alembic.operations import Operations
from sqlalchemy.dialects import mysql
from sqlalchemy.exc import IntegrityError

from runtime.errors import ConfigurationError
from storage.migrations.column_types import UnfitColumn, widen_definition
from storage.migrations.inspection import ExistingColumn, ExistingTable, inspect_table

_MAX_NAMED = 10


@dataclass(frozen=True, slots=True)
class Fill:
    """The default (SQL) of a column to add as NOT NULL; `copy_from`: a column to copy its values from, if it exists."""

    default: str
    mysql: str | None = None
    copy_from: str | None = None

    def default_for(self, dialect: str) -> str:
        return self.mysql if dialect == "mysql" and self.mysql else self.default


def adopt(op: Operations, target: sa.Table, *, key: Sequence[str], fills: Mapping[str, Fill]) -> None:
    """Add to the existing table what `target` has. Raises ConfigurationError before anything is changed."""
    connection = op.get_bind()
    found = inspect_table(connection, target.name)
    wrong = (
        find_objections(found, target, key, fills)
        or find_unfit_columns(found, target)
        or _find_duplicates(connection, found, key)
    )
    _refuse(found, wrong)
    _add_columns(op, found, target, fills)
    _widen(op, found, target)
    _add_keys(op, found, target, key)


def widen(op: Operations, target: sa.Table) -> None:
    """Widen the columns of the existing table so that the values of `target` fit. Raises ConfigurationError."""
    found = inspect_table(op.get_bind(), target.name)
    _refuse(found, find_unfit_columns(found, target))
    _widen(op, found, target)


def _refuse(found: ExistingTable, wrong: Sequence[str]) -> None:
    if wrong:
        raise ConfigurationError(
            f"the table {found.name} cannot be adopted, and nothing was changed: {'; '.join(wrong)}. "
            "Then run `strandline db upgrade` again."
        )


def find_unfit_columns(found: ExistingTable, target: sa.Table) -> list[str]:
    """Return which columns cannot hold our values and cannot be widened, with what to do about each. Pure."""
    wrong = []
    for column in target.columns:
        if (current := found.columns.get(column.name)) is not None:
            try:
                _widen_column(current, column)
            except UnfitColumn as error:
                wrong.append(f"its column {column.name} {error}")
    return wrong


def _widen_column(current: ExistingColumn, column: "sa.Column[Any]") -> str | None:
    """Return the widened definition, None if wide enough. Raises UnfitColumn. An `id` of any width is kept."""
    if column.primary_key:
        return None
    return widen_definition(
        current.definition, column.type.dialect_impl(mysql.dialect()), current.collation, current.charset
    )


def find_objections(
    found: ExistingTable, target: sa.Table, key: Sequence[str], fills: Mapping[str, Fill]
) -> list[str]:
    """Return why the table cannot be adopted, each with what to do about it; empty when it can. Pure."""
    wrong = [
        f"it has no column {column.name}: rename the table, or let Strandline use another database"
        for column in target.columns
        if column.name not in found.columns and not column.nullable and column.name not in fills
    ]
    if "id" in found.columns and not found.autoincrements:
        wrong.append("its id is not generated: make it AUTO_INCREMENT")
    wrong += [
        f"its column {name} must be given a value, which Strandline does not have: give it a default"
        for name, column in found.columns.items()
        if column.needs_value and name not in target.columns
    ]
    wrong += [
        f"its unique key {name} ({', '.join(columns)}) would let one market's result overwrite another's: drop that key"
        for name, columns in found.unique.items()
        if _mixes_markets(columns, target, key)
    ]
    return wrong


def _mixes_markets(columns: Sequence[str], target: sa.Table, key: Sequence[str]) -> bool:
    """Return whether two markets can have equal values of `columns`. A column that we leave NULL never collides."""
    ours = set(target.columns.keys()) - {"id"}
    return set(columns) <= ours and not set(columns) >= set(key)


def _find_duplicates(connection: sa.Connection, found: ExistingTable, key: Sequence[str]) -> list[str]:
    """Return the markets with more than one row, where no unique key forbids them."""
    if _has_key(found, key):
        return []
    columns: list[sa.ColumnClause[str]] = [sa.column(name) for name in key if name in found.columns]
    rows = connection.execute(
        sa.select(*columns, sa.func.count().label("n"))
        .select_from(sa.table(found.name))
        .group_by(*columns)
        .having(sa.func.count() > 1)
        .order_by(*columns)
        .limit(_MAX_NAMED + 1)
    ).all()
    if not rows:
        return []
    named = ", ".join(
        f"{' '.join(str(part) for part in row[:-1])} ({row[-1]} rows)" for row in rows[:_MAX_NAMED]
    )
    more = " and more" if len(rows) > _MAX_NAMED else ""
    return [f"these markets have several rows: {named}{more}; keep one row of each (most likely the newest)"]


def _has_key(found: ExistingTable, key: Sequence[str]) -> bool:
    return any(set(columns) == set(key) for columns in (*found.unique.values(), found.primary_key))


def _add_columns(op: Operations, found: ExistingTable, target: sa.Table, fills: Mapping[str, Fill]) -> None:
    dialect = op.get_bind().dialect.name
    missing = [column for column in target.columns if column.name not in found.columns]
    for column in missing:
        fill = fills.get(column.name)
        default = None if column.nullable or fill is None else sa.text(fill.default_for(dialect))
        op.add_column(
            found.name, sa.Column(column.name, column.type, nullable=column.nullable, server_default=default)
        )
    for column in missing:
        source = fills[column.name].copy_from if column.name in fills else None
        if source is not None and source in found.columns:
            _copy(op, found, column.name, source)


def _copy(op: Operations, found: ExistingTable, name: str, source: str) -> None:
    """Copy `source` into `name`. Sets `updated_at` to itself, or its ON UPDATE CURRENT_TIMESTAMP would change it."""
    table = sa.table(found.name, *(sa.column(each) for each in {*found.columns, name}))
    values = {name: table.c[source]}
    if "updated_at" in found.columns:
        values["updated_at"] = table.c.updated_at
    op.execute(sa.update(table).values(values))


def _widen(op: Operations, found: ExistingTable, target: sa.Table) -> None:
    """Widen all columns in one ALTER, which leaves `updated_at`. SQLite's columns have no width."""
    changes = [
        f"MODIFY COLUMN `{column.name}` {definition}"
        for column in target.columns
        if (current := found.columns.get(column.name)) is not None
        if (definition := _widen_column(current, column)) is not None
    ]
    if changes:
        # Through the driver: text() would take a colon in a column comment for a parameter.
        op.get_bind().exec_driver_sql(f"ALTER TABLE `{found.name}` {', '.join(changes)}".replace("%", "%%"))


def _add_keys(op: Operations, found: ExistingTable, target: sa.Table, key: Sequence[str]) -> None:
    """Add missing keys. An equivalent counts: a unique key of the same columns, an index that starts with ours."""
    if not _has_key(found, key):
        try:
            op.create_index(f"uq_{found.name}_market", found.name, list(key), unique=True)
        except IntegrityError as error:
            raise ConfigurationError(
                f"the table {found.name} got a second row for a market while it was being adopted: "
                "stop what writes it, and run `strandline db upgrade` again"
            ) from error
    existing = (*found.indexes, found.primary_key)
    for index in target.indexes:
        columns = tuple(column.name for column in index.columns)
        if not any(each[: len(columns)] == columns for each in existing):
            op.create_index(index.name, found.name, list(columns))
