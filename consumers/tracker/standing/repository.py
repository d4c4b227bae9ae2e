"""The tracker's access to standing watches and to the levels in their answers."""

import asyncio
from collections.abc import Collection, Sequence
from functools import cache

import structlog
from pydantic import ValidationError
from sqlalchemy import delete, select, tuple_, update
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine

from consumers.tracker.keyed_rows import load_by_keys
from consumers.tracker.standing.matrix import LoadedStandingWatch, MemberKey
from schemas.records import StandingMemberRecord, StandingWatchRecord, to_record
from schemas.tables import standing_members, standing_watches
from schemas.watches import StandingQuestion, WatchDelivery
from storage.bulk_insert import insert_rows
from storage.database_errors import translate_errors

_log = structlog.get_logger(__name__)

_W = standing_watches.c
_M = standing_members.c
_KEY = tuple_(_M.watch_id, _M.market, _M.level_id)
_TIMEOUT = 30.0
_CHUNK_SIZE = 300
"""Rows of one statement."""


async def load_watches(engine: AsyncEngine) -> list[LoadedStandingWatch]:
    """Return the active watches by their ids; one that cannot be read is left out. Raises Transient."""
    query = select(standing_watches).where(_W.state == "active").order_by(_W.id)
    with translate_errors():
        async with asyncio.timeout(_TIMEOUT), engine.connect() as connection:
            records = [to_record(row, StandingWatchRecord) for row in await connection.execute(query)]
    return [watch for record in records if (watch := _to_watch(record)) is not None]


async def load_versions(engine: AsyncEngine) -> dict[str, int]:
    """Return the versions of the active watches by their ids. Raises Transient."""
    query = select(_W.id, _W.version).where(_W.state == "active")
    with translate_errors():
        async with asyncio.timeout(_TIMEOUT), engine.connect() as connection:
            return {row.id: row.version for row in await connection.execute(query)}


async def delete_orphans(engine: AsyncEngine) -> None:
    """Delete the members of watches that were deleted while a tracker evaluated them. Raises Transient."""
    with translate_errors():
        async with asyncio.timeout(_TIMEOUT), engine.begin() as connection:
            await connection.execute(delete(standing_members).where(_M.watch_id.not_in(select(_W.id))))


async def load_members(
    engine: AsyncEngine, instruments: Collection[str]
) -> dict[str, list[StandingMemberRecord]]:
    """Return the rows of instruments. Raises Transient."""
    return await load_by_keys(
        engine, select(standing_members), _M.instrument, instruments, StandingMemberRecord
    )


async def save_steps(
    engine: AsyncEngine, entered: Sequence[StandingMemberRecord], left: Collection[MemberKey]
) -> None:
    """Write levels that entered, and what of those that left has no fire to publish. Raises Transient."""
    rows = sorted(entered, key=lambda row: (row["watch_id"], row["market"], row["level_id"]))
    with translate_errors():
        async with asyncio.timeout(_TIMEOUT), engine.begin() as connection:
            for keys in _split(sorted(left)):
                await connection.execute(delete(standing_members).where(_KEY.in_(keys), _M.entry.is_(None)))
                await connection.execute(
                    update(standing_members).where(_KEY.in_(keys)).values(is_inside=False)
                )
            for start in range(0, len(rows), _CHUNK_SIZE):
                await insert_rows(
                    connection, _upsert(connection.dialect.name), rows[start : start + _CHUNK_SIZE]
                )


async def save_fire(engine: AsyncEngine, members: Collection[MemberKey], fire_id: str) -> None:
    """Write which fire is about to be published for members. Raises Transient."""
    with translate_errors():
        async with asyncio.timeout(_TIMEOUT), engine.begin() as connection:
            for keys in _split(sorted(members)):
                await connection.execute(
                    update(standing_members).where(_KEY.in_(keys)).values(fire_id=fire_id)
                )


async def clear_fire(engine: AsyncEngine, fire_id: str) -> None:
    """Write that a fire is published. Raises Transient."""
    with translate_errors():
        async with asyncio.timeout(_TIMEOUT), engine.begin() as connection:
            await connection.execute(
                delete(standing_members).where(_M.fire_id == fire_id, _M.is_inside.is_(False))
            )
            await connection.execute(
                update(standing_members).where(_M.fire_id == fire_id).values(fire_id=None, entry=None)
            )


def _to_watch(record: StandingWatchRecord) -> LoadedStandingWatch | None:
    try:
        question = StandingQuestion.model_validate(record["question"])
        delivery = WatchDelivery.model_validate(record["delivery"]) if record["delivery"] else None
    except ValidationError as error:
        _log.warning("standing.unreadable", watch_id=record["id"], error=str(error))
        return None
    return LoadedStandingWatch(record["id"], record["version"], record["name"], question, delivery)


def _split(keys: Sequence[MemberKey]) -> list[list[tuple[str, str, str]]]:
    return [
        [(key.watch_id, key.market, key.level_id) for key in keys[start : start + _CHUNK_SIZE]]
        for start in range(0, len(keys), _CHUNK_SIZE)
    ]


@cache
def _upsert(dialect: str) -> mysql.Insert | sqlite.Insert:
    """Return the statement: a level that is back before its fire was published keeps that fire."""
    if dialect == "mysql":
        new = mysql.insert(standing_members)
        return new.on_duplicate_key_update(is_inside=new.inserted.is_inside)
    other = sqlite.insert(standing_members)
    return other.on_conflict_do_update(set_={"is_inside": other.excluded.is_inside})
