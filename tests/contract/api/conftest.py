"""The API on SQLite and on MySQL, with an in-process broker."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.database import open_database
from storage.migrations import upgrade
from tests.unit.api.conftest import broker, client

__all__ = ["broker", "client", "engine"]


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    await upgrade(database_url)
    engine = open_database(database_url)
    try:
        yield engine
    finally:
        await engine.dispose()
