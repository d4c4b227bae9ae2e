"""The job journal: required or not, with a database that answers or is locked."""

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
    """Another connection holds the write lock until the test ends."""
    file = make_url(sqlite_url).database
    assert file is not None
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


async def count_jobs(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        return (await connection.execute(select(func.count()).select_from(analysis_jobs))).scalar_one()


@pytest.mark.parametrize("required", [True, False])
async def test_journal_writes_a_queued_job(engine: AsyncEngine, required: bool) -> None:
    await JobJournal(engine, required=required).record(REQUEST)
    assert await count_jobs(engine) == 1


@pytest.mark.usefixtures("locked")
async def test_required_journal_raises_transient_for_a_locked_database(
    engine: AsyncEngine,
) -> None:
    with pytest.raises(Transient, match=r"the database: .+"):
        await JobJournal(engine, required=True).record(REQUEST)


@pytest.mark.usefixtures("locked")
async def test_optional_journal_accepts_the_request_with_a_locked_database(engine: AsyncEngine) -> None:
    await JobJournal(engine, required=False).record(REQUEST)
    assert await count_jobs(engine) == 0
