"""History: every publication is appended once, on redelivery too, and even if the row did not change."""

import itertools
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.tables import analysis_history
from tests.support.events import CANDLE, HOUR_MS, NOON, make_completed, make_failed, make_market, make_request
from tests.support.sinks import SinkBench, table, upgraded

LATER = NOON + timedelta(hours=1)


@pytest.fixture
async def bench(migrated_database_url: str) -> AsyncIterator[SinkBench]:
    async with upgraded(migrated_database_url) as engine:
        yield SinkBench(engine)


async def history(engine: AsyncEngine) -> list[dict[str, Any]]:
    return await table(engine, analysis_history)


async def test_sink_appends_history_with_all_columns(bench: SinkBench) -> None:
    event = make_completed(request_ids=["my-7", "my-8"], params_hash="p1", candles_hash="c1")
    await bench.take(event, make_request(), make_failed())
    assert await history(bench.engine) == [
        {
            "market": "binance:spot:BTCUSDT:1h",
            "candle_at": CANDLE,
            "analyzed_at": NOON.replace(tzinfo=None),
            "params_hash": "p1",
            "candles_hash": "c1",
            "recorded_at": NOON.replace(tzinfo=None),
            "input_limit": 1_999,
            "last_price": 65_432.1,
            "support_levels": [64_000.5],
            "resistance_levels": [66_010.0],
            "levels": [event.levels[0].model_dump(mode="json")],
            "request_id": "my-7",
            "algorithm": "strandline/1",
        }
    ]


async def test_sink_appends_no_history_on_redelivery(bench: SinkBench) -> None:
    events = [
        make_completed(),
        make_completed(make_market(timeframe="1M")),
        make_completed(make_market(timeframe="1m")),
    ]
    await bench.take(*events)
    before = await history(bench.engine)
    assert len(before) == 3
    bench.clock.time += timedelta(hours=2)
    await bench.take(*events, *events)
    assert await history(bench.engine) == before


async def test_sink_appends_one_line_for_analysis_in_several_events(bench: SinkBench) -> None:
    await bench.take(make_completed(request_ids=["a"]), make_completed(request_ids=["b"]))
    await bench.take(make_completed(request_ids=["c"]))
    assert [line["request_id"] for line in await history(bench.engine)] in (["a"], ["b"])


PUBLISHED = [
    make_completed(last_price=1.0),
    make_completed(last_price=2.0, analyzed_at=LATER),
    make_completed(last_price=3.0, candle_at=CANDLE + HOUR_MS, analyzed_at=NOON - timedelta(hours=1)),
]


@pytest.mark.parametrize("order", list(itertools.permutations(PUBLISHED)))
async def test_sink_appends_history_of_results_older_than_the_row(
    bench: SinkBench, order: tuple[Any, ...]
) -> None:
    for event in order:
        await bench.take(event)
    assert (await bench.row())["last_price"] == 3.0
    assert {line["last_price"] for line in await history(bench.engine)} == {1.0, 2.0, 3.0}


async def test_sink_appends_no_history_of_rejected_result(bench: SinkBench) -> None:
    await bench.take(make_completed(input_limit=2**70), make_completed(make_market("ETHUSDT")))
    assert [line["market"] for line in await history(bench.engine)] == ["binance:spot:ETHUSDT:1h"]
    assert len(bench.broker.letters) == 1
