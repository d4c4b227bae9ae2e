"""The digest of a row, on SQLite and MySQL: it changes with every column, however little, and with nothing else."""

import math
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.tables import analysis_results
from storage.database import open_database
from storage.row_digest import digest_row
from tests.unit.api.fakes import put_result

_RESULTS = analysis_results.c
_LATER = datetime(2026, 11, 22, 12, 30, 1)  # noqa: DTZ001 - stored times are naive

CHANGES: list[dict[str, Any]] = [
    {"exchange": "Binance"},
    {"symbol": "\U0001d4d1TCUSDT"},
    {"market_type": "future"},
    {"timeframe": "1H"},
    {"input_limit": 2000},
    {"support_levels": [64000.5, math.nextafter(63000.0, 0)]},
    {"resistance_levels": []},
    {"last_price": math.nextafter(65432.1, 0)},
    {"created_at": _LATER},
    {"updated_at": _LATER},
    {"levels": [{"price": 1.0}]},
    {"candle_at": 0},
    {"analyzed_at": _LATER},
    {"analyzed_at": _LATER + timedelta(microseconds=1)},
    {"request_id": ""},
    {"request_id": "x"},
    {"algorithm": "x"},
]


@pytest.fixture
async def engine(migrated_database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = open_database(migrated_database_url)
    yield engine
    await engine.dispose()


async def read_digest(engine: AsyncEngine, row_id: int) -> str | None:
    async with engine.connect() as connection:
        found = await connection.execute(select(digest_row(analysis_results)).where(_RESULTS.id == row_id))
        digest: str | None = found.scalar_one()
        return digest


async def test_digest_changes_with_every_column(engine: AsyncEngine) -> None:
    assert {name for change in CHANGES for name in change} == set(_RESULTS.keys()) - {"id"}
    row_id = await put_result(engine, "BTCUSDT")
    first = await read_digest(engine, row_id)
    digests = {first, await read_digest(engine, await put_result(engine, "ETHUSDT"))}
    async with engine.connect() as connection:
        for change in CHANGES:
            await connection.execute(update(analysis_results).where(_RESULTS.id == row_id).values(**change))
            found = await connection.execute(
                select(digest_row(analysis_results)).where(_RESULTS.id == row_id)
            )
            digests.add(found.scalar_one())
            await connection.rollback()
    assert len(digests) == len(CHANGES) + 2
    assert None not in digests
    assert await read_digest(engine, row_id) == first
