"""The tracker publishes what changed at each close, once, whatever happens to its process."""

import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

import pytest

from broker.ports import Message, Record
from consumers.analyzer.events import build_completed
from consumers.tracker import handler
from consumers.tracker.closes import to_tracked
from consumers.tracker.state_repository import save_states
from levels import Params, analyze
from levels.evaluation.synthetic import make_random_walk
from levels.lifecycle import TrackedLevel
from schemas.events import AnalysisCompleted
from schemas.level_events import AnyLevelEvent
from schemas.values import from_ms
from tests.support.events import (
    CANDLE,
    HOUR_MS,
    LAST_PRICE,
    make_completed,
    make_level,
    make_market,
    to_record,
)
from tests.support.level_events import fold_events
from tests.support.trackers import TrackerBench, feed

BTC, ETH = make_market(), make_market("ETHUSDT")
SUPPORT = make_level(64_000.5, level_id="S1")
FAR = 2 * HOUR_MS


def close(hours: int = 0, *levels: object, **changed: object) -> AnalysisCompleted:
    return make_completed(BTC, candle_at=CANDLE + hours * HOUR_MS, levels=levels, **changed)  # type: ignore[arg-type]


def types(events: list[AnyLevelEvent]) -> list[str]:
    return [event.type for event in events]


async def test_first_result_of_a_market_makes_its_levels_appear(bench: TrackerBench) -> None:
    (event,) = await bench.take(close(0, SUPPORT))
    assert (event.type, event.level_id, event.market, event.last_price) == ("appeared", "S1", BTC, LAST_PRICE)
    assert event.at == from_ms(CANDLE + HOUR_MS)


async def test_tracker_continues_from_the_saved_state(bench: TrackerBench) -> None:
    await bench.take(close(0, SUPPORT))
    touched = make_level(64_000.5, level_id="S1", touches=5, last_touch_at=from_ms(CANDLE + HOUR_MS))
    assert types(await bench.take(close(1, touched))) == ["touched"]
    assert types(await bench.take(close(2))) == ["retired"]


async def test_later_result_of_the_same_candle_changes_nothing(bench: TrackerBench) -> None:
    await bench.take(close(0, SUPPORT))
    assert await bench.take(close(0)) == []
    assert await bench.take(close(-1)) == []


async def test_level_is_approached_once_until_price_has_been_away(bench: TrackerBench) -> None:
    def at(distance_pct: float) -> object:
        return make_level(64_000.5, level_id="S1", distance_pct=distance_pct, distance_atr=9.0)

    seen = [
        types(await bench.take(close(hour, at(far)))) for hour, far in enumerate((3, 0.9, 1.9, 0.8, 2.1, 1))
    ]
    assert seen == [["appeared"], ["approached"], [], [], [], ["approached"]]


async def test_level_within_one_range_of_a_candle_is_approached(bench: TrackerBench) -> None:
    near = make_level(64_000.5, level_id="S1", distance_pct=4.0, distance_atr=1.0)
    assert types(await bench.take(close(0, near))) == ["appeared", "approached"]


async def test_unreadable_state_lets_the_levels_appear_again(bench: TrackerBench) -> None:
    await bench.take(close(0, SUPPORT))
    async with bench.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE tracked_markets SET state = '[]'")
    assert types(await bench.take(close(1, SUPPORT))) == ["appeared"]


class KilledError(Exception):
    """Stands for the end of the process."""


class Killer:
    """Kills at random moments: before or after a record is on the topic, before or after states are saved."""

    def __init__(self, bench: TrackerBench, seed: int) -> None:
        self.topics = bench.topics
        self.random = random.Random(seed)
        self.kills = 0

    def step(self) -> None:
        if self.random.random() < 0.2:
            self.kills += 1
            raise KilledError

    async def publish(self, message: Message, *, timeout: float | None = None) -> Record:
        self.step()
        record = await self.topics.publish(message, timeout=timeout)
        self.step()
        return record

    async def save_states(self, *saved: object) -> None:
        self.step()
        await save_states(*saved)  # type: ignore[arg-type]
        self.step()


def walk_results(count: int) -> Iterator[AnalysisCompleted]:
    """Yield results of two markets, candle by candle."""
    series = {BTC: make_random_walk(1, 400), ETH: make_random_walk(2, 400)}
    for end in range(400 - count, 400):
        for market, candles in series.items():
            answer = analyze(candles[max(0, end - 300) : end], Params())
            analyzed_at = from_ms(answer.candle_at) + timedelta(hours=1)
            yield from build_completed(answer, market, (f"{market.key}:{end}",), analyzed_at)


def check_fold(results: list[AnalysisCompleted], events: list[AnyLevelEvent]) -> None:
    """Check that the events, each counted once, give the levels of every result at its candle."""
    by_close = defaultdict(list)
    for event in events:
        by_close[event.market.key, event.candle_at].append(event)
    folded: dict[str, dict[str, TrackedLevel]] = defaultdict(dict)
    seen: set[str] = set()
    for result in results:
        key = result.market.key
        folded[key] = fold_events(folded[key], by_close[key, result.candle_at], seen)
        assert folded[key] == {level.level_id: to_tracked(level) for level in result.levels}


async def test_hundred_kills_neither_lose_nor_double_an_event(
    bench: TrackerBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = list(walk_results(60))
    records = [to_record(result) for result in results]
    killer = Killer(bench, seed=7)
    bench.broker = killer  # type: ignore[assignment]  # the tracker only publishes
    monkeypatch.setattr(handler, "save_states", killer.save_states)
    committed = 0
    while committed < len(records) or killer.kills < 100:
        size = killer.random.randint(1, 6)
        batch = records[committed : committed + size]
        try:
            await feed(bench.tracker(), batch)
            killer.step()  # before the offsets are committed
            committed += len(batch)
        except* KilledError:
            if killer.kills < 100 and killer.random.random() < 0.1:
                committed = max(0, committed - 3)  # a commit that was lost as well

    published = await bench.events()
    check_fold(results, published)
    assert killer.kills >= 100

    calm = TrackerBench(bench.engine)
    await calm.open()
    async with bench.engine.begin() as connection:
        await connection.exec_driver_sql("DELETE FROM tracked_markets")
    monkeypatch.setattr(handler, "save_states", save_states)
    await feed(calm.tracker(), records)
    assert {event.event_id for event in published} == {event.event_id for event in await calm.events()}
