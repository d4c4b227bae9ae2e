"""Record the events of levels, each once, and bring the rows of their levels up to date."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache
from typing import TypeVar

from pydantic_core import to_json
from sqlalchemy import case, select, tuple_
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from consumers.sink.level_rows import LevelKey, apply_events, level_key
from schemas.level_events import AnyLevelEvent
from schemas.records import LevelEventRecord, LevelRecord, to_record
from schemas.tables import level_events, levels
from schemas.values import to_naive_utc
from storage.bulk_insert import insert_rows
from storage.json_text import JsonText

_L = levels.c
_CHUNK_SIZE = 500
"""Rows of one statement."""

_KEY = ("market", "level_id")
_ASSIGNED = (
    *(column.name for column in levels.columns if column.name not in {*_KEY, "candle_at"}),
    "candle_at",
)
"""The guard's own column last: MySQL assigns from left to right, and each right side sees what was assigned before."""

T = TypeVar("T")


async def record_level_events(
    connection: AsyncConnection, events: Sequence[AnyLevelEvent], now: datetime
) -> None:
    """Write in the caller's transaction, sorted, so that two writers lock in the same order."""
    if not events:
        return
    dialect = connection.dialect.name
    lines = {event.event_id: _to_line(event, now) for event in events}
    for chunk in _split([lines[event_id] for event_id in sorted(lines)]):
        await insert_rows(connection, _insert_events(dialect), chunk)
    rows = await _load_levels(connection, sorted({level_key(event) for event in events}))
    changed = apply_events(rows, events, now)
    for changes in _split([changed[key] for key in sorted(changed)]):
        await insert_rows(connection, _upsert_levels(dialect), changes)


@cache
def _insert_events(dialect: str) -> mysql.Insert | sqlite.Insert:
    """As `history.insert_history`: existing rows stay unchanged, values that do not fit are refused."""
    if dialect == "mysql":
        return mysql.insert(level_events).on_duplicate_key_update(event_id=level_events.c.event_id)
    return sqlite.insert(level_events).on_conflict_do_nothing()


@cache
def _upsert_levels(dialect: str) -> mysql.Insert | sqlite.Insert:
    if dialect == "mysql":
        new = mysql.insert(levels)
        is_newer = new.inserted.candle_at >= _L.candle_at
        return new.on_duplicate_key_update(
            [(name, case((is_newer, new.inserted[name]), else_=_L[name])) for name in _ASSIGNED]
        )
    other = sqlite.insert(levels)
    return other.on_conflict_do_update(
        index_elements=[_L[name] for name in _KEY],
        set_={name: other.excluded[name] for name in _ASSIGNED},
        where=other.excluded.candle_at >= _L.candle_at,
    )


async def _load_levels(connection: AsyncConnection, keys: Sequence[LevelKey]) -> dict[LevelKey, LevelRecord]:
    rows: dict[LevelKey, LevelRecord] = {}
    for chunk in _split(keys):
        query = select(levels).where(tuple_(_L.market, _L.level_id).in_(chunk))
        for row in await connection.execute(query):
            record = to_record(row, LevelRecord)
            rows[record["market"], record["level_id"]] = record
    return rows


def _to_line(event: AnyLevelEvent, now: datetime) -> LevelEventRecord:
    return LevelEventRecord(
        event_id=event.event_id,
        market=event.market.key,
        level_id=event.level_id,
        type=event.type,
        at=to_naive_utc(event.at),
        event=JsonText(to_json(event).decode()),
        recorded_at=to_naive_utc(now),
    )


def _split(values: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), _CHUNK_SIZE):
        yield values[start : start + _CHUNK_SIZE]
