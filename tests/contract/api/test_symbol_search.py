"""Searches by a part of a symbol with the index of symbols, on SQLite and MySQL: they find what a scan finds."""

import asyncio
import json

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from api.http.paging import PageRequest
from api.results.row_reader import RowReader
from api.results.selection import ResultFilter
from api.results.symbol_search import REBUILD_SECONDS, RETRY_SECONDS, SymbolSearch
from runtime.errors import Transient
from schemas.tables import analysis_results
from tests.unit.api.fakes import JumpingClock, put_result

_PAGE = PageRequest(1, 10)


@pytest.fixture
def reader(engine: AsyncEngine) -> RowReader:
    return RowReader(engine, JumpingClock())


async def search(reader: RowReader, part: str, **filters: str) -> tuple[list[str], int]:
    body = json.loads(await reader.read_page(ResultFilter(part, **filters), _PAGE, with_levels=False))
    return [row["symbol"] for row in body["data"]], body["total"]


async def test_search_finds_rows_of_the_index_and_later_ones(engine: AsyncEngine, reader: RowReader) -> None:
    for symbol in ("C299USDT", "C2991/USDT", "D1-c2992_usdt", "C300USDT", "F1Ĉ299USDT"):
        await put_result(engine, symbol)
    scanned = await search(reader, "C299")
    await reader.symbols.build()
    found = reader.symbols.find("C299")
    assert found is not None
    assert len(found.ids) == 4, "the one that a collation may match is a candidate too"
    assert await search(reader, "C299") == scanned
    assert {"C299USDT", "C2991/USDT", "D1-c2992_usdt"} <= set(scanned[0])
    await put_result(engine, "E1C299USDT")
    symbols, total = await search(reader, "C299")
    assert "E1C299USDT" in symbols
    assert total == scanned[1] + 1
    assert await search(reader, "NOSUCH") == ([], 0)
    assert (await search(reader, "C299USDT"))[0][0] == "C299USDT", "an exact match is first"
    assert await search(reader, "C299", timeframe="4h") == ([], 0)


async def test_search_does_not_show_what_was_renamed_since(engine: AsyncEngine, reader: RowReader) -> None:
    row_id = await put_result(engine, "C299USDT")
    await reader.symbols.build()
    async with engine.begin() as connection:
        renamed = update(analysis_results).where(analysis_results.c.id == row_id).values(symbol="D1USDT")
        await connection.execute(renamed)
    assert await search(reader, "C299") == ([], 0)


async def test_index_is_built_at_the_first_search_and_again_later(engine: AsyncEngine) -> None:
    clock = JumpingClock()
    symbols = SymbolSearch(engine, clock)
    await put_result(engine, "C299USDT")
    async with symbols.run_in_background(), asyncio.timeout(60):
        assert symbols.find("C299") is None
        while (found := symbols.find("C299")) is None:  # noqa: ASYNC110 - no event
            await asyncio.sleep(0.01)
        assert len(found.ids) == 1
        await put_result(engine, "C2991USDT")
        clock.passed += REBUILD_SECONDS
        while (found := symbols.find("C299")) is None or len(found.ids) < 2:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


class _AwayAtFirst(SymbolSearch):
    """Fails to build once."""

    def __init__(self, engine: AsyncEngine, clock: JumpingClock) -> None:
        super().__init__(engine, clock)
        self.failed = asyncio.Event()

    async def build(self) -> None:
        if not self.failed.is_set():
            self.failed.set()
            raise Transient("the database is away")
        await super().build()


async def test_index_is_built_soon_after_a_failure(engine: AsyncEngine) -> None:
    clock = JumpingClock()
    symbols = _AwayAtFirst(engine, clock)
    await put_result(engine, "C299USDT")
    async with symbols.run_in_background(), asyncio.timeout(60):
        assert symbols.find("C299") is None
        await symbols.failed.wait()
        clock.passed += RETRY_SECONDS
        while symbols.find("C299") is None:  # noqa: ASYNC110 - no event
            await asyncio.sleep(0.01)
