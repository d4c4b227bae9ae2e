"""Insert many rows at once, by a statement that is compiled once and not for every number of rows.

SQLAlchemy compiles an INSERT of many VALUES for each batch, which takes longer than the server needs to carry it out,
and aiomysql sends the rows of an `executemany` one by one when the statement names them `new`, as MySQL 8 asks for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any, cast

from sqlalchemy import Dialect, Insert
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.json_text import to_json_text

_VALUES = " VALUES "


@dataclass(frozen=True, slots=True)
class BulkInsert:
    """The text of an INSERT around its VALUES. `columns` are the parameters of a row, `values` those after all rows."""

    head: str
    row: str
    tail: str
    columns: tuple[str, ...]
    values: tuple[object, ...]

    def write_sql(self, rows: int) -> str:
        return self.head + ", ".join([self.row] * rows) + self.tail

    def bind(self, rows: Sequence[Mapping[str, object]]) -> tuple[object, ...]:
        values = chain.from_iterable([row[name] for name in self.columns] for row in rows)
        return (*map(_to_driver_value, values), *self.values)


async def insert_rows(
    connection: AsyncConnection, insert: Insert, rows: Sequence[Mapping[str, object]]
) -> None:
    """Execute `insert`, which has no values, for all `rows` in one statement; they have equal keys.

    It must be the same object every time, since what it compiles to is kept.
    """
    if connection.dialect.name != "mysql":
        await connection.execute(insert, [dict(row) for row in rows])
        return
    bulk = compile_insert(insert, connection.dialect, tuple(rows[0]))
    await connection.exec_driver_sql(bulk.write_sql(len(rows)), bulk.bind(rows))


@lru_cache(maxsize=64)
def compile_insert(insert: Insert, dialect: Dialect, columns: tuple[str, ...]) -> BulkInsert:
    """Compile `insert` for one row of `columns`, and take it apart. Raises ValueError for another form."""
    compiled = cast(Any, insert.compile(dialect=dialect, column_keys=list(columns), for_executemany=True))
    names = tuple(compiled.positiontup)
    row = f"({', '.join(['%s'] * len(columns))})"
    head, found, tail = compiled.string.partition(_VALUES + row)
    if not found or set(names[: len(columns)]) != set(columns):
        raise ValueError(f"not an INSERT of one row: {compiled.string}")
    return BulkInsert(
        head + _VALUES,
        row,
        tail,
        names[: len(columns)],
        tuple(compiled.params[name] for name in names[len(columns) :]),
    )


def _to_driver_value(value: object) -> object:
    return to_json_text(value) if isinstance(value, dict | list) else value
