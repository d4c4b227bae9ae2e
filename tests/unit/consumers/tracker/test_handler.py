"""The tracker publishes what changed at each close, once, whatever happens to its process."""

import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from broker.ports import Message, Record
from consumers.analyzer.events import build_completed
from consumers.tracker import handler
from consumers.tracker.closes import to_tracked
from consumers.tracker.market_state import MarketState
from consumers.tracker.open_events import save_open_events
from consumers.tracker.state_repository import save_states
from levels import Params, analyze
from levels.evaluation.synthetic import make_random_walk
from levels.lifecycle import TrackedLevel
from schemas.events import AnalysisCompleted
from schemas.level_events import AnyLevelEvent, stage_of
from schemas.values import from_ms, to_ms
from tests.support.events import (
    CANDLE,
    HOUR_MS,
    LAST_PRICE,
    make_completed,
    make_level,
    make_market,
    make_unchanged,
    to_record,
)
from tests.support.level_events import fold_events
from tests.support.trackers import TrackerBench, feed, make_tick

BTC, ETH = make_market(), make_market("ETHUSDT")
SUPPORT = make_level(64_000.5, level_id="S1")


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


async def test_events_that_a_crash_kept_back_come_with_the_next_candle(
    bench: TrackerBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise KilledError

    first, second = close(0, SUPPORT), close(1, SUPPORT, make_level(63_000.0, level_id="S2"))
    with monkeypatch.context() as patch:
        patch.setattr(handler.Tracker, "_publish", fail)
        with pytest.raises(KilledError):
            await bench.take(first)
    events = await bench.take(second)  # the first result is gone with its process
    assert [
        (event.type, event.level_id, event.candle_at) for event in events if event.type == "appeared"
    ] == [
        ("appeared", "S1", first.candle_at),
        ("appeared", "S2", second.candle_at),
    ]
    assert await bench.take(second) == []


async def test_row_of_a_market_holds_few_of_the_events_that_a_long_batch_publishes(
    bench: TrackerBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = []

    async def record(engine: object, states: dict[str, MarketState], *more: object) -> None:
        sizes.extend(len(state.to_json()) for state in states.values())
        await save_states(engine, states, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(handler, "save_states", record)
    results = [close(hours, *(SUPPORT,) * (hours % 2)) for hours in range(1, 200)]
    assert len(await bench.take(*results)) == 199
    assert max(sizes) < 40_000


async def test_unreadable_state_lets_the_levels_appear_again(bench: TrackerBench) -> None:
    await bench.take(close(0, SUPPORT))
    async with bench.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE tracked_markets SET state = '[]'")
    assert types(await bench.take(close(1, SUPPORT))) == ["appeared"]


def stages(events: list[AnyLevelEvent]) -> list[tuple[str, str]]:
    return [(event.type, stage_of(event)) for event in events]


async def test_price_touches_a_level_at_once_and_the_close_confirms_it(bench: TrackerBench) -> None:
    await bench.take(close(0, SUPPORT))
    assert stages(await bench.tick(64_001.0, minutes=61)) == [("approached", "live"), ("touched", "live")]
    met = make_level(
        64_000.5, level_id="S1", touches=5, last_touch_at=from_ms(CANDLE + HOUR_MS), distance_pct=0.2
    )
    assert stages(await bench.take(close(1, met))) == [("touched", "confirmed"), ("approached", "confirmed")]
    assert await bench.take(close(2, met)) == []


async def test_close_withdraws_what_its_candle_does_not_show(bench: TrackerBench) -> None:
    await bench.take(close(0, SUPPORT))
    live = await bench.tick(64_001.0, minutes=61)
    gone = await bench.take(close(1, SUPPORT))
    assert sorted(stages(gone)) == [("approached", "withdrawn"), ("touched", "withdrawn")]
    assert {event.candle_at for event in gone} == {event.candle_at for event in live}
    assert len({event.event_id for event in live + gone}) == 4


async def test_close_without_change_withdraws_as_well(bench: TrackerBench) -> None:
    known = close(0, SUPPORT)
    await bench.take(known)
    await bench.tick(64_001.0, minutes=61)
    gone = await bench.take(make_unchanged(known))
    assert sorted(stages(gone)) == [("approached", "withdrawn"), ("touched", "withdrawn")]


async def test_close_without_change_finds_what_price_approached(bench: TrackerBench) -> None:
    known = close(0, SUPPORT)
    await bench.take(known)
    (event,) = await bench.take(make_unchanged(known, last_price=64_300.0))
    assert (event.type, event.level_id, event.last_price) == ("approached", "S1", 64_300.0)
    assert await bench.take(make_unchanged(known, CANDLE + 2 * HOUR_MS, last_price=64_300.0)) == []


async def test_close_without_change_waits_for_the_result_that_it_repeats(bench: TrackerBench) -> None:
    await bench.take(close(0, SUPPORT))
    later = close(1)
    assert await bench.take(make_unchanged(later, CANDLE + 2 * HOUR_MS)) == []
    assert types(await bench.take(later)) == ["retired"]


async def test_close_without_change_of_other_levels_is_ignored(bench: TrackerBench) -> None:
    known = close(0, SUPPORT)
    await bench.take(known)
    other = close(0, make_level(63_000.0, level_id="S2"))
    assert await bench.take(make_unchanged(other, last_price=64_300.0)) == []
    (event,) = await bench.take(make_unchanged(known, last_price=64_300.0))
    assert event.type == "approached"


async def test_live_event_is_published_again_by_the_tracker_that_loads_it(bench: TrackerBench) -> None:
    await bench.take(close(0, SUPPORT))
    tracker = bench.tracker()
    live = await bench.tick(64_001.0, minutes=61, tracker=tracker)
    assert await bench.tick(64_000.0, minutes=62, tracker=tracker) == []
    again = await bench.tick(64_000.0, minutes=63)
    assert sorted(event.event_id for event in again) == sorted(event.event_id for event in live)


async def test_tracker_follows_its_own_closes(bench: TrackerBench) -> None:
    tracker = bench.tracker()
    await feed(tracker, [to_record(close(0)), make_tick(64_000.0, 61)])
    assert await bench.events() == []
    await feed(tracker, [to_record(close(1, SUPPORT)), make_tick(64_000.0, 121)])
    assert types(await bench.events()) == ["appeared", "approached", "touched"]


async def test_price_of_an_unknown_instrument_begins_nothing(bench: TrackerBench) -> None:
    assert await bench.tick(1.0, minutes=0) == []


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

    async def save_open_events(self, *saved: object) -> None:
        self.step()
        await save_open_events(*saved)  # type: ignore[arg-type]
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


def make_ticks(result: AnalysisCompleted) -> list[Record]:
    """Return prices of the candle after that of a result: at its nearest level, away from it, and back."""
    if result.market != BTC or not result.levels:
        return []
    minutes = (to_ms(result.candle_at) - CANDLE) / 60_000 + 60
    nearest = min(result.levels, key=lambda level: level.distance_pct).price
    prices = (result.last_price, nearest, nearest * 1.04, nearest)
    return [make_tick(price, minutes + 1 + n) for n, price in enumerate(prices)]


def check_resolution(events: list[AnyLevelEvent], until: datetime) -> None:
    """Check that every live event of a closed candle was confirmed or withdrawn, by one or the other."""
    by_key = defaultdict(set)
    for event in events:
        by_key[event.type, event.level_id, event.candle_at].add(stage_of(event))
    live = {key: found for key, found in by_key.items() if "live" in found and key[2] <= until}
    assert len(live) > 20
    assert all(len(found) == 2 for found in live.values()), live


def confirmed_ids(events: list[AnyLevelEvent]) -> set[str]:
    return {
        event.event_id for event in events if stage_of(event) == "confirmed" and event.type != "approached"
    }


async def test_hundred_kills_neither_lose_nor_double_an_event(
    bench: TrackerBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = list(walk_results(60))
    records = [record for result in results for record in (to_record(result), *make_ticks(result))]
    killer = Killer(bench, seed=7)
    bench.broker = killer  # type: ignore[assignment]  # the tracker only publishes
    monkeypatch.setattr(handler, "save_states", killer.save_states)
    monkeypatch.setattr(handler, "save_open_events", killer.save_open_events)
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
    check_resolution(published, until=results[-1].candle_at)
    assert killer.kills >= 100

    calm = TrackerBench(bench.engine)
    await calm.open()
    async with bench.engine.begin() as connection:
        await connection.exec_driver_sql("DELETE FROM tracked_markets")
    monkeypatch.undo()
    await feed(calm.tracker(), map(to_record, results))
    assert confirmed_ids(published) == confirmed_ids(await calm.events())
