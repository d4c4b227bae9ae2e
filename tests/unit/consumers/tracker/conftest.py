"""A bench on SQLite."""

from collections.abc import AsyncIterator

import pytest

from schemas.tables import metadata
from storage.database import open_database
from tests.support.trackers import TrackerBench


@pytest.fixture
async def bench(sqlite_url: str) -> AsyncIterator[TrackerBench]:
    engine = open_database(sqlite_url)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(metadata.create_all)
        bench = TrackerBench(engine)
        await bench.open()
        yield bench
        await bench.topics.close()
    finally:
        await engine.dispose()
