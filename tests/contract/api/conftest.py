"""The API on SQLite and on MySQL, with an in-process broker."""

from collections.abc import AsyncIterator

import pytest
from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncEngine

from runtime.broker.memory import MemoryBroker
from runtime.database import open_database
from runtime.migrations import upgrade
from tests.unit.api.fakes import broker_with_topics, client_of, dependencies


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    await upgrade(database_url)
    engine = open_database(database_url)
    try:
        yield engine
    finally:
        await engine.dispose()


@pytest.fixture
async def broker() -> AsyncIterator[MemoryBroker]:
    broker = await broker_with_topics()
    try:
        yield broker
    finally:
        await broker.close()


@pytest.fixture
async def client(engine: AsyncEngine, broker: MemoryBroker) -> AsyncIterator[AsyncClient]:
    async with client_of(dependencies(engine, broker=broker)) as client:
        yield client
