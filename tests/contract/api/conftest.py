"""The API on SQLite and on MySQL, with an in-process broker."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.database import open_database
from tests.unit.api.conftest import broker, client

__all__ = ["broker", "client", "engine"]


@pytest.fixture
async def engine(migrated_database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = open_database(migrated_database_url)
    try:
        yield engine
    finally:
        await engine.dispose()
