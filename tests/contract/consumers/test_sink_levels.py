"""Events of levels in the tables, on every database: each once, and a row per level as of its last event."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from consumers.sink.pruning import Pruner
from consumers.tracker.closes import apply_result
from consumers.tracker.market_state import MarketState
from schemas.level_events import AnyLevelEvent
from schemas.tables import level_events, levels
from schemas.values import from_ms
from tests.support.events import CANDLE, HOUR_MS, NOON, make_completed, make_level
from tests.support.sinks import SinkBench, table, upgraded

MET = from_ms(CANDLE + HOUR_MS)


@pytest.fixture
async def bench(migrated_database_url: str) -> AsyncIterator[SinkBench]:
    async with upgraded(migrated_database_url) as engine:
        yield SinkBench(engine)


def make_history() -> list[AnyLevelEvent]:
    """Return the events of a level that appears, is touched, breaks, flips, and is retired, a candle each."""
    fields: list[dict[str, Any] | None] = [
        {},
        {"touches": 5, "last_touch_at": MET},
        {"touches": 5, "last_touch_at": MET, "breaks": 2, "side": "resistance"},
        None,
    ]
    state: MarketState | None = None
    events: list[AnyLevelEvent] = []
    for hour, changed in enumerate(fields):
        published = () if changed is None else (make_level(level_id="S1", **changed),)
        close = apply_result(state, make_completed(candle_at=CANDLE + hour * HOUR_MS, levels=published))
        assert close is not None
        state, events = close.state, [*events, *close.events]
    return events


HISTORY = make_history()


async def read_level(bench: SinkBench) -> dict[str, Any]:
    (row,) = await table(bench.engine, levels)
    return row


async def test_level_follows_its_events(bench: SinkBench) -> None:
    await bench.take(HISTORY[0])
    row = await read_level(bench)
    assert (row["market"], row["symbol"], row["timeframe"]) == ("binance:spot:BTCUSDT:1h", "BTCUSDT", "1h")
    assert (row["price"], row["touches"], row["state"], row["appeared_at"]) == (64_000.5, 4, "tested", CANDLE)
    await bench.take(HISTORY[1])
    row = await read_level(bench)
    assert (row["touches"], row["last_touch_at"], row["state"]) == (5, CANDLE + HOUR_MS, "touched")
    await bench.take(*HISTORY[2:4])
    row = await read_level(bench)
    assert (row["breaks"], row["side"], row["state"]) == (2, "resistance", "broken")
    await bench.take(HISTORY[4])
    assert (await read_level(bench))["state"] == "retired"


async def test_repeated_and_late_events_change_nothing(bench: SinkBench) -> None:
    await bench.take(*HISTORY)
    bench.clock.time = NOON + timedelta(hours=1)
    rows, lines = await table(bench.engine, levels), await table(bench.engine, level_events)
    assert len(lines) == len(HISTORY) == 5
    await bench.take(*HISTORY[:3])
    await bench.take(HISTORY[1], HISTORY[1])
    assert (await table(bench.engine, levels), await table(bench.engine, level_events)) == (rows, lines)


async def test_event_of_a_level_whose_appearance_is_unknown_makes_no_row(bench: SinkBench) -> None:
    await bench.take(HISTORY[1])
    assert await table(bench.engine, levels) == []
    assert len(await table(bench.engine, level_events)) == 1


async def test_pruner_deletes_old_events_and_retired_levels(bench: SinkBench) -> None:
    bench.clock.time = NOON - timedelta(days=3)
    await bench.take(*HISTORY)
    alive = make_completed(levels=(make_level(level_id="S2"),), candle_at=CANDLE)
    close = apply_result(None, alive)
    assert close is not None
    await bench.take(*close.events)
    bench.clock.time = NOON
    pruner = Pruner(bench.engine, bench.clock, history_days=9, jobs_days=9, level_events_days=2)
    await pruner.prune_if_due()
    assert [row["level_id"] for row in await table(bench.engine, levels)] == ["S2"]
    assert await table(bench.engine, level_events) == []
