"""The tracker's access to the live events that no close has resolved."""

import asyncio
from collections.abc import Collection, Sequence
from functools import cache

from sqlalchemy import select
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine

from consumers.tracker.keyed_rows import load_by_keys
from consumers.tracker.live import LiveHit, LiveKind, OpenEvent
from schemas.level_events import AnyLevelEvent
from schemas.records import OpenLevelEventRecord
from schemas.tables import open_level_events
from storage.bulk_insert import insert_rows
from storage.database_errors import translate_errors

_O = open_level_events.c
_TIMEOUT = 30.0
_CHUNK_SIZE = 500
"""Rows of one statement."""


async def load_open_events(
    engine: AsyncEngine, markets: Collection[str]
) -> dict[str, list[OpenLevelEventRecord]]:
    """Return the open events of markets by their keys, oldest first. Raises Transient."""
    query = select(open_level_events).order_by(_O.candle_at, _O.event_id)
    return await load_by_keys(engine, query, _O.market, markets, OpenLevelEventRecord)


async def save_open_events(engine: AsyncEngine, rows: Sequence[OpenLevelEventRecord]) -> None:
    """Write events that are about to be published; existing rows stay. Raises Transient."""
    ordered = sorted(rows, key=lambda row: row["event_id"])
    with translate_errors():
        async with asyncio.timeout(_TIMEOUT), engine.begin() as connection:
            for start in range(0, len(ordered), _CHUNK_SIZE):
                await insert_rows(
                    connection, _insert(connection.dialect.name), ordered[start : start + _CHUNK_SIZE]
                )


def to_open_event(record: OpenLevelEventRecord) -> OpenEvent:
    kind: LiveKind = "touched" if record["type"] == "touched" else "approached"
    return OpenEvent(kind, record["level_id"], record["candle_at"])


def to_open_record(hit: LiveHit, event: AnyLevelEvent) -> OpenLevelEventRecord:
    return {
        "event_id": event.event_id,
        "market": hit.market.key,
        "level_id": hit.level.level_id,
        "type": hit.kind,
        "candle_at": hit.candle_at,
        "event": event.model_dump_json(),
    }


@cache
def _insert(dialect: str) -> mysql.Insert | sqlite.Insert:
    if dialect == "mysql":
        return mysql.insert(open_level_events).on_duplicate_key_update(event_id=_O.event_id)
    return sqlite.insert(open_level_events).on_conflict_do_nothing()
