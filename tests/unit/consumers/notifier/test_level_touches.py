"""The visits to a level: by the events before, else by the table."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from consumers.notifier.level_touches import LevelTouches
from schemas.tables import levels, metadata
from storage.database import open_database
from tests.support.deadlines import within
from tests.support.level_notices import make_broke, make_touched


@pytest.fixture
async def engine(sqlite_url: str) -> AsyncIterator[AsyncEngine]:
    engine = open_database(sqlite_url)
    yield engine
    await engine.dispose()


async def store_level(engine: AsyncEngine, touches: int) -> None:
    event = make_broke()
    known = {"market": event.market.key, "level_id": event.level_id, "touches": touches, "state": "held"}
    rest = {column.name: 1 for column in levels.columns if column.name not in known}
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
        await connection.execute(insert(levels).values(known | rest | {"updated_at": event.at}))


async def test_level_touches_are_those_of_the_table_for_a_level_without_events(engine: AsyncEngine) -> None:
    await store_level(engine, touches=7)
    touches = LevelTouches(engine)
    assert touches.note(make_broke()) is None
    assert await touches.find(make_broke()) == 7
    assert touches.note(make_broke()) == 7


async def test_level_touches_ask_the_table_once_for_a_level_and_a_few_at_a_time(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    running = most = 0

    async def find_slowly(_engine: AsyncEngine, _market: str, level_id: str) -> int:
        nonlocal running, most
        asked.append(level_id)
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        return 7

    monkeypatch.setattr("storage.level_touches.find_touches", find_slowly)
    touches = LevelTouches(engine)
    assert await touches.find(make_broke(level_id="S0")) == 7
    events = [make_broke(level_id=f"S{number}") for number in range(20)]
    assert await within(asyncio.gather(*(touches.find(event) for event in events))) == [7] * 20
    assert (sorted(asked), most) == (sorted(event.level_id for event in events), 4)


async def test_level_touches_are_unknown_where_the_table_has_no_such_level(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.run_sync(lambda bind: metadata.create_all(bind, tables=[levels]))
    assert await LevelTouches(engine).find(make_broke()) is None
    assert await LevelTouches(None).find(make_broke()) is None


def test_level_touches_are_remembered_from_events() -> None:
    touches = LevelTouches(None)
    touches.note(make_touched(touches=4))
    assert touches.note(make_broke()) == 4
