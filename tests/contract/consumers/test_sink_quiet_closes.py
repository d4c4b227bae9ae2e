"""A close that changed no level moves its row on, on every database, and only from the result that it repeats."""

from collections.abc import AsyncIterator

import pytest

from schemas.tables import analysis_history
from tests.support.events import CANDLE, HOUR_MS, make_completed, make_unchanged
from tests.support.sinks import SinkBench, table, upgraded

FULL = make_completed(request_ids=("close:1",))


@pytest.fixture
async def bench(migrated_database_url: str) -> AsyncIterator[SinkBench]:
    async with upgraded(migrated_database_url) as engine:
        yield SinkBench(engine)


async def test_row_moves_on_with_a_close_that_changed_nothing(bench: SinkBench) -> None:
    await bench.take(FULL)
    before = await bench.row()
    await bench.take(make_unchanged(FULL))
    await bench.take(make_unchanged(FULL, CANDLE + 3 * HOUR_MS), make_unchanged(FULL, CANDLE + 2 * HOUR_MS))
    row = await bench.row()
    assert (row["candle_at"], row["last_price"], row["input_limit"]) == (
        CANDLE + 3 * HOUR_MS,
        65_500.0,
        2_000,
    )
    assert row["analyzed_at"] > before["analyzed_at"]
    kept = ("id", "levels", "support_levels", "request_id", "algorithm", "created_at")
    assert [row[name] for name in kept] == [before[name] for name in kept]
    assert len(await table(bench.engine, analysis_history)) == 1


async def test_row_with_another_result_stays_as_it_is(bench: SinkBench) -> None:
    await bench.take(make_unchanged(FULL))
    assert await bench.rows() == []
    await bench.take(FULL)
    later = make_completed(request_ids=("close:2",), candle_at=CANDLE + HOUR_MS)
    await bench.take(make_unchanged(later, CANDLE + 2 * HOUR_MS))
    assert (await bench.row())["candle_at"] == CANDLE
    await bench.take(later, make_unchanged(FULL))
    assert (await bench.row())["candle_at"] == CANDLE + HOUR_MS


async def test_close_before_the_candle_of_the_row_changes_nothing(bench: SinkBench) -> None:
    await bench.take(FULL, make_unchanged(FULL, CANDLE + 2 * HOUR_MS))
    before = await bench.row()
    await bench.take(make_unchanged(FULL, CANDLE + HOUR_MS, last_price=1.0))
    assert await bench.row() == before
