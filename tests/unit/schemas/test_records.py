"""The typed rows of schemas/records.py match the tables."""

import types
from typing import get_args, get_type_hints

import pytest
from sqlalchemy import Table

from schemas import records, tables

RECORDS = [
    (records.ResultRecord, tables.analysis_results),
    (records.JobRecord, tables.analysis_jobs),
    (records.PublicationRecord, tables.analysis_history),
    (records.WatchRecord, tables.watches),
    (records.FireRecord, tables.watch_fires),
    (records.MarketRecord, tables.markets),
    (records.ApiKeyRecord, tables.api_keys),
]


@pytest.mark.parametrize(("record", "table"), RECORDS, ids=lambda value: getattr(value, "name", ""))
def test_record_has_columns_of_its_table(record: type, table: Table) -> None:
    hints = get_type_hints(record)
    assert list(hints) == [column.name for column in table.columns]
    optional = {name for name, hint in hints.items() if types.NoneType in get_args(hint)}
    assert optional == {column.name for column in table.columns if column.nullable}
    for column in table.columns:
        if column.type.__class__.__name__ != "JSON":
            hint = hints[column.name]
            plain = [kind for kind in get_args(hint) if kind is not types.NoneType] or [hint]
            assert plain == [column.type.python_type], column.name


def test_records_cover_every_table() -> None:
    assert {table.name for _, table in RECORDS} == set(tables.metadata.tables)
