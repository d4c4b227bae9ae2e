"""What is accepted is written down first; where it must be and cannot, that is said in words one can act on."""

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing

import pytest
from sqlalchemy import func, select
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from producers.requests.journal import JobJournal
from runtime.errors import Transient
from schemas.requests import AnalysisRequested
from schemas.tables import analysis_jobs, metadata
from storage.database import open_database
from tests.support.events import NOON

REQUEST = AnalysisRequested.read({"symbol": "BTCUSDT"}, exchange="sim", request_id="one", at=NOON)


@pytest.fixture
async def engine(sqlite_url: str) -> AsyncIterator[AsyncEngine]:
    engine = open_database(sqlite_url, lock_timeout=0.05)
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    try:
        yield engine
    finally:
        await engine.dispose()


@pytest.fixture
def locked(engine: AsyncEngine, sqlite_url: str) -> Iterator[None]:
    """Another writer has the database, for as long as the test goes on."""
    file = make_url(sqlite_url).database
    assert file is not None
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


async def written(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        return (await connection.execute(select(func.count()).select_from(analysis_jobs))).scalar_one()


@pytest.mark.parametrize("required", [True, False])
async def test_a_request_is_written_down(engine: AsyncEngine, required: bool) -> None:
    await JobJournal(engine, required=required).queued(REQUEST)
    assert await written(engine) == 1


@pytest.mark.usefixtures("locked")
async def test_where_it_must_be_a_database_without_answer_is_transient_and_says_so(
    engine: AsyncEngine,
) -> None:
    with pytest.raises(Transient, match=r"the database: .+"):
        await JobJournal(engine, required=True).queued(REQUEST)


@pytest.mark.usefixtures("locked")
async def test_where_kafka_keeps_it_the_request_goes_on(engine: AsyncEngine) -> None:
    await JobJournal(engine, required=False).queued(REQUEST)
    assert await written(engine) == 0
