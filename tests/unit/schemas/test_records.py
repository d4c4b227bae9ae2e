"""The typed rows of schemas/records.py match the tables."""

import types
from typing import Literal, Union, get_args, get_origin, get_type_hints

import pytest
from sqlalchemy import JSON, Table

from schemas import records, tables

RECORDS = [
    (records.ResultRecord, tables.analysis_results),
    (records.JobRecord, tables.analysis_jobs),
    (records.PublicationRecord, tables.analysis_history),
    (records.WatchRecord, tables.watches),
    (records.FireRecord, tables.watch_fires),
    (records.WatchedPriceRecord, tables.watched_prices),
    (records.LevelRecord, tables.levels),
    (records.TargetRecord, tables.notification_targets),
    (records.LevelEventRecord, tables.level_events),
    (records.TrackedMarketRecord, tables.tracked_markets),
    (records.OpenLevelEventRecord, tables.open_level_events),
    (records.StandingWatchRecord, tables.standing_watches),
    (records.StandingMemberRecord, tables.standing_members),
    (records.FeedRecord, tables.feeds),
    (records.PushSubscriptionRecord, tables.push_subscriptions),
    (records.WatchlistEntryRecord, tables.watchlist_entries),
    (records.WatchlistChangeRecord, tables.watchlist_changes),
    (records.MarketRecord, tables.markets),
    (records.ApiKeyRecord, tables.api_keys),
]


def find_types(hint: object) -> set[type]:
    """Return the plain types of a hint; a Literal has those of its values, None counts for nothing."""
    if get_origin(hint) is Literal:
        return {type(value) for value in get_args(hint)}
    if isinstance(hint, types.UnionType) or get_origin(hint) is Union:
        return {kind for each in get_args(hint) for kind in find_types(each)} - {types.NoneType}
    assert isinstance(hint, type)
    return {hint}


@pytest.mark.parametrize(("record", "table"), RECORDS, ids=lambda value: getattr(value, "name", ""))
def test_record_has_columns_of_its_table(record: type, table: Table) -> None:
    hints = get_type_hints(record)
    assert set(hints) == {column.name for column in table.columns}
    optional = {name for name, hint in hints.items() if types.NoneType in get_args(hint)}
    assert optional == {
        each.name for each in table.columns if each.nullable and hints[each.name] is not object
    }
    for column in table.columns:
        if not isinstance(column.type, JSON):
            assert find_types(hints[column.name]) == {column.type.python_type}, column.name


def test_records_cover_every_table() -> None:
    assert {table.name for _, table in RECORDS} == set(tables.metadata.tables)
