"""The tracker's access to its table: states of markets, loaded before their results and saved after their events."""

import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache

import structlog
from sqlalchemy import case, delete, select
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine

from consumers.tracker.market_state import MarketState, read_state
from schemas.records import TrackedMarketRecord, to_record
from schemas.tables import open_level_events, tracked_markets
from storage.bulk_insert import insert_rows
from storage.database_errors import translate_errors

_log = structlog.get_logger(__name__)

_M = tracked_markets.c
_O = open_level_events.c
_TIMEOUT = 30.0
_CHUNK_SIZE = 500
"""Markets of one statement."""


async def load_states(engine: AsyncEngine, markets: Collection[str]) -> dict[str, MarketState]:
    """Return the states of markets by their keys; those without one are omitted. Raises Transient."""
    keys, states = sorted(markets), {}
    with translate_errors():
        async with asyncio.timeout(_TIMEOUT), engine.connect() as connection:
            for start in range(0, len(keys), _CHUNK_SIZE):
                query = select(tracked_markets).where(_M.market.in_(keys[start : start + _CHUNK_SIZE]))
                for row in await connection.execute(query):
                    record = to_record(row, TrackedMarketRecord)
                    if (state := _read(record)) is not None:
                        states[record["market"]] = state
    return states


async def save_states(
    engine: AsyncEngine, states: Mapping[str, MarketState], resolved: Collection[str] = ()
) -> None:
    """Write states by market key, except over a later one, and delete the open events whose ids are `resolved`.

    Sorted, so that two writers lock in the same order. Raises Transient.
    """
    rows = [
        TrackedMarketRecord(market=key, candle_at=state.candle_at, state=state.to_json())
        for key, state in sorted(states.items())
    ]
    with translate_errors():
        async with asyncio.timeout(_TIMEOUT), engine.begin() as connection:
            for start in range(0, len(rows), _CHUNK_SIZE):
                await insert_rows(
                    connection, _upsert(connection.dialect.name), rows[start : start + _CHUNK_SIZE]
                )
            for ids in _split(sorted(resolved)):
                await connection.execute(delete(open_level_events).where(_O.event_id.in_(ids)))


def _split(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), _CHUNK_SIZE):
        yield values[start : start + _CHUNK_SIZE]


@cache
def _upsert(dialect: str) -> mysql.Insert | sqlite.Insert:
    """Return the statement; MySQL assigns from left to right, so the guard's own column is the last."""
    if dialect == "mysql":
        new = mysql.insert(tracked_markets)
        is_newer = new.inserted.candle_at >= _M.candle_at
        return new.on_duplicate_key_update(
            [(name, case((is_newer, new.inserted[name]), else_=_M[name])) for name in ("state", "candle_at")]
        )
    other = sqlite.insert(tracked_markets)
    return other.on_conflict_do_update(
        set_={"state": other.excluded.state, "candle_at": other.excluded.candle_at},
        where=other.excluded.candle_at >= _M.candle_at,
    )


def _read(record: TrackedMarketRecord) -> MarketState | None:
    """Return None for a row in the form of another version: its levels then appear again."""
    try:
        return read_state(record["candle_at"], record["state"])
    except (ValueError, TypeError, KeyError):
        _log.warning("tracker.unreadable_state", market=record["market"])
        return None
