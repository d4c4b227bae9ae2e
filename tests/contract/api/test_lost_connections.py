"""Reads while connections of the pool die."""

import asyncio
import math
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from api.reading import execute_read, open_read
from api.results.queries import get_result
from storage import idle_ping
from storage.database import open_database
from tests.unit.api.fakes import put_result


@pytest.fixture
async def reader(migrated_mysql_url: str) -> AsyncIterator[AsyncEngine]:
    """The engine of frequent reads, with one connection in its pool."""
    engine = open_database(migrated_mysql_url, pool_size=1, max_connections=1, only_reads=True)
    yield engine
    await engine.dispose()


async def end_connection(url: str, number: int) -> None:
    """Kill a connection of MySQL and wait until it is gone."""
    engine = open_database(url)
    left = text("SELECT COUNT(*) FROM information_schema.processlist WHERE id = :number")
    try:
        async with asyncio.timeout(60), engine.connect() as connection:
            await connection.execute(text(f"KILL {number}"))
            while (await connection.execute(left, {"number": number})).scalar():  # noqa: ASYNC110 - no event
                await asyncio.sleep(0.01)
    finally:
        await engine.dispose()


async def test_read_on_a_connection_that_died_a_moment_ago_is_repeated(
    reader: AsyncEngine, migrated_mysql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idle_ping, "MAX_IDLE_SECONDS", math.inf)  # however slow the machine is
    result_id = await put_result(reader, "BTCUSDT")
    async with open_read(reader) as connection:
        number = (await execute_read(connection, select(func.connection_id()))).scalar_one()
    await end_connection(migrated_mysql_url, number)
    found = await get_result(reader, result_id)
    assert found is not None
    assert found["symbol"] == "BTCUSDT"


async def test_read_goes_on_after_a_connection_died_between_its_statements(
    reader: AsyncEngine, migrated_mysql_url: str
) -> None:
    own = select(func.connection_id())
    async with open_read(reader) as connection:
        number = (await execute_read(connection, own)).scalar_one()
        await end_connection(migrated_mysql_url, number)
        assert (await execute_read(connection, own)).scalar_one() != number
