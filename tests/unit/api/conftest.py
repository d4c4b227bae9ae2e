"""A database with our tables, and the application on it."""

from collections.abc import AsyncIterator

import pytest
from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncEngine

from broker.memory.broker import MemoryBroker
from schemas.tables import metadata
from storage.database import open_database
from tests.unit.api.fakes import broker_with_topics, client_of, dependencies


@pytest.fixture
async def engine(sqlite_url: str) -> AsyncIterator[AsyncEngine]:
    engine = open_database(sqlite_url)
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
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
