"""Levels in the answers of standing watches: a fire that waits is neither lost nor kept."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from consumers.tracker.standing.matrix import MemberKey
from consumers.tracker.standing.repository import clear_fire, load_members, save_fire, save_steps
from schemas.records import StandingMemberRecord
from schemas.tables import standing_members
from tests.support.sinks import upgraded

WATCH, FIRE = (f"00000000-0000-4000-8000-00000000000{number}" for number in (1, 2))
MARKET, INSTRUMENT = "binance:spot:BTCUSDT:1h", "binance:spot:BTCUSDT"


@pytest.fixture
async def engine(migrated_database_url: str) -> AsyncIterator[AsyncEngine]:
    async with upgraded(migrated_database_url) as engine:
        yield engine


def enter(level_id: str, at: int = 1) -> StandingMemberRecord:
    return {
        "watch_id": WATCH,
        "market": MARKET,
        "level_id": level_id,
        "instrument": INSTRUMENT,
        "entered_at": at,
        "is_inside": True,
        "entry": "{}",
        "fire_id": None,
    }


def key(level_id: str) -> MemberKey:
    return MemberKey(WATCH, MARKET, level_id)


async def read_rows(engine: AsyncEngine) -> dict[str, tuple[bool, str | None, str | None]]:
    async with engine.connect() as connection:
        rows = await connection.execute(select(standing_members))
        return {row.level_id: (row.is_inside, row.entry, row.fire_id) for row in rows}


async def test_level_that_left_is_kept_until_its_fire_is_published(engine: AsyncEngine) -> None:
    await save_steps(engine, [enter("S1"), enter("S2")], ())
    await save_steps(engine, [], [key("S1")])
    await save_fire(engine, [key("S1"), key("S2")], FIRE)
    assert await read_rows(engine) == {"S1": (False, "{}", FIRE), "S2": (True, "{}", FIRE)}
    await clear_fire(engine, FIRE)
    assert await read_rows(engine) == {"S2": (True, None, None)}
    await save_steps(engine, [], [key("S2")])
    assert await read_rows(engine) == {}


async def test_level_that_is_back_before_its_fire_keeps_it(engine: AsyncEngine) -> None:
    await save_steps(engine, [enter("S1")], ())
    await save_steps(engine, [], [key("S1")])
    await save_steps(engine, [enter("S1", at=2)], ())
    (row,) = (await load_members(engine, [INSTRUMENT, "binance:spot:ETHUSDT"]))[INSTRUMENT]
    assert (row["is_inside"], row["entered_at"]) == (True, 1)
