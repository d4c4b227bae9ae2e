"""Bring a table that another backend made to ours, taking nothing away: its rows, ids and times stay as they are.

That backend goes on reading and writing it, so what it has is kept, and what it lacks gets a default.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from alembic.operations import Operations
from sqlalchemy.exc import IntegrityError

from runtime.errors import ConfigurationError
from storage.migrations.column_types import widen_definition
from storage.migrations.inspection import ExistingTable, inspect_table

_MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class Fill:
    """The default (SQL) of a column that has to be added NOT NULL; `then`: a column to copy from, if it is there."""

    default: str
    mysql: str | None = None
    then: str | None = None

    def of(self, dialect: str) -> str:
        return self.mysql if dialect == "mysql" and self.mysql else self.default


def adopt(op: Operations, wanted: sa.Table, *, key: Sequence[str], fills: Mapping[str, Fill]) -> None:
    """Give the existing table of that name what `wanted` has. Raises ConfigurationError before anything is changed."""
    connection = op.get_bind()
    found = inspect_table(connection, wanted.name)
    wrong = find_objections(found, wanted, key, fills) or _doubles(connection, found, key)
    if wrong:
        raise ConfigurationError(
            f"the table {found.name} can't be adopted, and nothing was changed: {'; '.join(wrong)}. "
            "Then run `strandline db upgrade` again."
        )
    _add_columns(op, found, wanted, fills)
    _widen(op, found, wanted)
    _add_keys(op, found, wanted, key)


def find_objections(
    found: ExistingTable, wanted: sa.Table, key: Sequence[str], fills: Mapping[str, Fill]
) -> list[str]:
    """What makes the table unfit, each with what to do about it. Pure; empty when it can be adopted."""
    wrong = [
        f"it has no column {column.name}: rename the table, or let Strandline use another database"
        for column in wanted.columns
        if column.name not in found.columns and not column.nullable and column.name not in fills
    ]
    if "id" in found.columns and not found.autoincrements:
        wrong.append("its id does not count by itself: make it AUTO_INCREMENT")
    wrong += [
        f"its column {name} must be given a value, which we don't have: give it a default"
        for name, column in found.columns.items()
        if column.needs_value and name not in wanted.columns
    ]
    wrong += [
        f"its unique key {name} ({', '.join(columns)}) would let one market's result overwrite another's: drop that key"
        for name, columns in found.unique.items()
        if _mixes_markets(columns, wanted, key)
    ]
    return wrong


def _mixes_markets(columns: Sequence[str], wanted: sa.Table, key: Sequence[str]) -> bool:
    """Whether two of our markets can share it. One with a column that we leave NULL collides with nothing."""
    ours = set(wanted.columns.keys()) - {"id"}
    return set(columns) <= ours and not set(columns) >= set(key)


def _doubles(connection: sa.Connection, found: ExistingTable, key: Sequence[str]) -> list[str]:
    """Markets that have more than one row, where no key has forbidden it so far."""
    if _has_key(found, key):
        return []
    columns: list[sa.ColumnClause[str]] = [sa.column(name) for name in key if name in found.columns]
    rows = connection.execute(
        sa.select(*columns, sa.func.count().label("n"))
        .select_from(sa.table(found.name))
        .group_by(*columns)
        .having(sa.func.count() > 1)
        .order_by(*columns)
        .limit(_MOST_NAMED + 1)
    ).all()
    if not rows:
        return []
    named = ", ".join(
        f"{' '.join(str(part) for part in row[:-1])} ({row[-1]} rows)" for row in rows[:_MOST_NAMED]
    )
    more = " and more" if len(rows) > _MOST_NAMED else ""
    return [f"these markets have several rows: {named}{more}; keep one row of each (the newest, most likely)"]


def _has_key(found: ExistingTable, key: Sequence[str]) -> bool:
    return any(set(columns) == set(key) for columns in (*found.unique.values(), found.primary_key))


def _add_columns(op: Operations, found: ExistingTable, wanted: sa.Table, fills: Mapping[str, Fill]) -> None:
    dialect = op.get_bind().dialect.name
    missing = [column for column in wanted.columns if column.name not in found.columns]
    for column in missing:
        fill = fills.get(column.name)
        default = None if column.nullable or fill is None else sa.text(fill.of(dialect))
        op.add_column(
            found.name, sa.Column(column.name, column.type, nullable=column.nullable, server_default=default)
        )
    for column in missing:
        source = fills[column.name].then if column.name in fills else None
        if source is not None and source in found.columns:
            _copy(op, found, column.name, source)


def _copy(op: Operations, found: ExistingTable, name: str, source: str) -> None:
    """`updated_at` is assigned to itself, or its ON UPDATE CURRENT_TIMESTAMP would call every row new."""
    table = sa.table(found.name, *(sa.column(each) for each in {*found.columns, name}))
    values = {name: table.c[source]}
    if "updated_at" in found.columns:
        values["updated_at"] = table.c.updated_at
    op.execute(sa.update(table).values(values))


def _widen(op: Operations, found: ExistingTable, wanted: sa.Table) -> None:
    """One ALTER for all, which does not touch `updated_at`. SQLite's columns hold what they are given."""
    dialect = op.get_bind().dialect
    changes = [
        f"MODIFY COLUMN `{column.name}` {definition}"
        for column in wanted.columns
        if (was := found.columns.get(column.name)) is not None
        if (definition := widen_definition(was.definition, column.type.dialect_impl(dialect), was.collation))
        is not None
    ]
    if changes:
        # Through the driver: a comment in a definition may hold a colon, and text() would look for a parameter.
        op.get_bind().exec_driver_sql(f"ALTER TABLE `{found.name}` {', '.join(changes)}".replace("%", "%%"))


def _add_keys(op: Operations, found: ExistingTable, wanted: sa.Table, key: Sequence[str]) -> None:
    """An equivalent of another name will do: a unique key of the same columns, an index that begins with ours."""
    if not _has_key(found, key):
        try:
            op.create_index(f"uq_{found.name}_market", found.name, list(key), unique=True)
        except IntegrityError as error:
            raise ConfigurationError(
                f"the table {found.name} got a second row for a market while it was being adopted: "
                "stop what writes it, and run `strandline db upgrade` again"
            ) from error
    there = (*found.indexes, found.primary_key)
    for index in wanted.indexes:
        columns = tuple(column.name for column in index.columns)
        if not any(each[: len(columns)] == columns for each in there):
            op.create_index(index.name, found.name, list(columns))
