"""A close that changed no level moves its row on, on every database, and only from the result that it repeats."""

from collections.abc import AsyncIterator
from typing import cast

import pytest

from api.results.views import to_detail
from schemas.records import ResultRecord
from schemas.tables import analysis_history
from tests.support.events import CANDLE, HOUR_MS, NOON, make_completed, make_level, make_unchanged
from tests.support.sinks import SinkBench, table, upgraded

FULL = make_completed(request_ids=("close:1",))
LATER = make_completed(
    request_ids=("close:2",), candle_at=CANDLE + HOUR_MS, levels=(make_level(touches=9),), last_price=65_400.0
)


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
        before["last_price"],
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
    await bench.take(make_unchanged(LATER, CANDLE + 2 * HOUR_MS))
    assert (await bench.row())["candle_at"] == CANDLE
    await bench.take(LATER, make_unchanged(FULL))
    assert (await bench.row())["candle_at"] == CANDLE + HOUR_MS


async def test_row_that_moved_on_is_shown_with_its_levels(bench: SinkBench) -> None:
    await bench.take(FULL, make_unchanged(FULL))
    row = await bench.row()
    shown = to_detail(cast(ResultRecord, dict(row)))
    assert shown.levels is not None
    assert (shown.request_id, shown.candle_at) == ("close:1", make_unchanged(FULL).candle_at)


async def test_row_moves_on_where_another_analyzer_published_the_same_levels(bench: SinkBench) -> None:
    again = FULL.model_copy(update={"request_ids": ("my-8",), "analyzed_at": NOON.replace(minute=1)})
    await bench.take(FULL, again)
    assert (await bench.row())["request_id"] == "my-8"
    await bench.take(make_unchanged(FULL))
    assert (await bench.row())["candle_at"] == CANDLE + HOUR_MS


async def test_row_moves_on_with_the_latest_close_of_a_batch_that_found_its_levels(bench: SinkBench) -> None:
    await bench.take(FULL)
    await bench.take(make_unchanged(LATER, CANDLE + 3 * HOUR_MS), make_unchanged(FULL, CANDLE + HOUR_MS))
    assert (await bench.row())["candle_at"] == CANDLE + HOUR_MS
    await bench.take(make_unchanged(FULL, CANDLE + 2 * HOUR_MS), FULL)
    assert (await bench.row())["candle_at"] == CANDLE + 2 * HOUR_MS


async def test_close_before_the_candle_of_the_row_changes_nothing(bench: SinkBench) -> None:
    await bench.take(FULL, make_unchanged(FULL, CANDLE + 2 * HOUR_MS))
    before = await bench.row()
    await bench.take(make_unchanged(FULL, CANDLE + HOUR_MS, last_price=1.0))
    assert await bench.row() == before
