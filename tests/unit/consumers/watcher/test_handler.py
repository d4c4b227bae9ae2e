"""The watcher with topics and a table: what it publishes, and what it learns from the table as it goes."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from broker.ports import Record
from consumers.watcher import listing
from runtime.errors import Malformed, Transient
from schemas.events import WatchExpired, WatchFired
from tests.support.events import NOON
from tests.support.watchers import NAIVE, WatcherBench, feed


async def test_a_price_that_comes_to_a_target_is_told(bench: WatcherBench) -> None:
    await bench.put("a", level_id="S1", side="short")
    await bench.put("b", target=200.0)
    await bench.put("c", symbol="ETHUSDT")
    await bench.put("d", state="paused")
    await bench.put("e", deleted_at=NAIVE)

    await feed(bench.watcher(), await bench.ticks(99, 101, 102))

    (event,) = await bench.events()
    assert isinstance(event, WatchFired)
    assert event.model_dump() | {"fire_id": ""} == {
        "type": "fired",
        "fire_id": "",
        "watch_id": "a",
        "exchange": "sim",
        "market_type": "spot",
        "symbol": "BTCUSDT",
        "condition": "touch",
        "target": 100.0,
        "price": 101.0,
        "side": "short",
        "at": NOON + timedelta(seconds=2),
        "level_id": "S1",
        "arm": 1,
    }


async def test_what_is_no_price_is_malformed(bench: WatcherBench) -> None:
    watcher = bench.watcher()
    record = await bench.tick(99)
    payload = json.loads(record.value or b"")
    for wrong in ({"price": None}, {"price": "NaN"}, {"at": "0001-01-01T00:00:00+14:00"}, {"symbol": 1}):
        with pytest.raises(Malformed, match="PriceTicked"):
            watcher.decode(replace(record, value=json.dumps(payload | wrong).encode()))
    with pytest.raises(Malformed):
        watcher.decode(replace(record, value=b"\xff"))
    await feed(watcher, [replace(record, value=None)])


async def test_a_new_watch_is_taken_in_with_the_prices_that_came_since_it_was_made(
    bench: WatcherBench,
) -> None:
    watcher = bench.watcher()
    await feed(watcher, await bench.ticks(99))
    now = bench.clock.now().replace(tzinfo=None)
    await bench.put("w", since=now + timedelta(seconds=0.5), updated_at=now)
    await feed(watcher, await bench.ticks(101))
    assert await bench.fires() == []

    await watcher.turn()

    assert await bench.fires() == [("w", 101)]


async def test_what_changes_in_the_table_is_followed(bench: WatcherBench) -> None:
    watcher = bench.watcher()
    await bench.put("moved")
    await bench.put("paused")
    await bench.put("deleted")
    await feed(watcher, await bench.ticks(99))
    since = bench.clock.now().replace(tzinfo=None)
    await bench.change("moved", target=102.0, since=since)
    await bench.change("paused", state="paused")
    await bench.change("deleted", deleted_at=since)
    await watcher.turn()

    await feed(watcher, await bench.ticks(101))
    assert await bench.fires() == []
    await feed(watcher, await bench.ticks(103))
    assert await bench.fires() == [("moved", 103)]

    await bench.change("paused", state="active", since=bench.clock.now().replace(tzinfo=None))
    await watcher.turn()
    await watcher.turn()
    await feed(watcher, await bench.ticks(104, 99))
    assert await bench.fires() == [("moved", 103), ("paused", 99)]


async def test_once_is_once_however_long_the_sink_takes(bench: WatcherBench) -> None:
    watcher = bench.watcher()
    await bench.put()
    await feed(watcher, await bench.ticks(99, 101))
    await bench.change(note="touched by somebody")
    await watcher.turn()
    await feed(watcher, await bench.ticks(99, 101))
    assert await bench.fires() == [("w", 101)]

    await bench.change(fires=1, state="fired", last_fired_at=NAIVE + timedelta(seconds=2))
    await watcher.turn()
    bench.clock.time += timedelta(seconds=1)
    await bench.change(state="active", since=bench.clock.now().replace(tzinfo=None))
    await watcher.turn()
    await feed(watcher, await bench.ticks(98))
    assert await bench.fires() == [("w", 101), ("w", 98)]
    assert len(set(await bench.fire_ids())) == 2


async def test_the_end_of_a_watch_is_told_once(bench: WatcherBench) -> None:
    await bench.put("w", expires_at=NAIVE + timedelta(seconds=10))
    await bench.put("fired", expires_at=NAIVE + timedelta(seconds=10))
    await bench.put("prolonged", expires_at=NAIVE + timedelta(seconds=10))
    await bench.put("later", expires_at=NAIVE + timedelta(seconds=60))
    watcher = bench.watcher()
    await feed(watcher, await bench.ticks(99))
    await bench.change("prolonged", expires_at=NAIVE + timedelta(seconds=60))
    await bench.change("w", target=1.0)
    await watcher.turn()
    await feed(watcher, await bench.ticks(101, later=8.0))
    fired = {watch_id for watch_id, _ in await bench.fires()}
    assert fired == {"fired", "prolonged", "later"}

    bench.clock.time = NOON + timedelta(seconds=20)
    await watcher.turn()
    await watcher.turn()
    await feed(bench.watcher(), await bench.ticks(102))

    expired = [event for event in await bench.events() if isinstance(event, WatchExpired)]
    assert [(event.watch_id, event.at) for event in expired] == [("w", NOON + timedelta(seconds=10))]


async def test_one_of_several_watchers_tells_of_ends(bench: WatcherBench) -> None:
    await bench.put("w", expires_at=NAIVE + timedelta(seconds=10))
    first, second = bench.watcher(0), bench.watcher(1)
    bench.clock.time = NOON + timedelta(seconds=20)
    await second.turn()
    assert await bench.events() == []
    await first.turn()
    await second.turn()
    assert len(await bench.events()) == 1


async def test_it_waits_for_the_table_at_first_and_later_goes_on_without(
    bench: WatcherBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, away = listing.all_at_work, 3

    async def reluctant(engine: object) -> object:
        nonlocal away
        away -= 1
        if away:
            raise Transient("the database: away")
        return await real(bench.engine)

    async def gone(*_: object) -> dict[str, int]:
        raise Transient("the database: away")

    monkeypatch.setattr(listing, "all_at_work", reluctant)
    monkeypatch.setattr(listing, "versions_since", gone)
    await bench.put()
    watcher = bench.watcher()
    await feed(watcher, await bench.ticks(99))
    await watcher.turn()
    await feed(watcher, await bench.ticks(101))
    assert await bench.fires() == [("w", 101)]


async def test_what_changed_while_the_table_was_away_is_seen_after(
    bench: WatcherBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(*_: object) -> dict[str, int]:
        raise Transient("the database: away")

    watcher = bench.watcher()
    await feed(watcher, await bench.ticks(99))
    with monkeypatch.context() as away:
        away.setattr(listing, "versions_since", gone)
        await bench.put(
            since=bench.clock.now().replace(tzinfo=None), updated_at=bench.clock.now().replace(tzinfo=None)
        )
        bench.clock.time += timedelta(minutes=10)
        await watcher.turn()
    await watcher.turn()
    await feed(watcher, await bench.ticks(101))
    assert await bench.fires() == [("w", 101)]


async def test_of_many_prices_in_one_batch_each_counts(bench: WatcherBench) -> None:
    await bench.put("w", repeat="always")
    records: list[Record] = await bench.ticks(*[99, 101] * 50)
    await feed(bench.watcher(), records)
    assert len(set(await bench.fire_ids())) == 99


async def test_a_price_of_tomorrow_silences_no_market(bench: WatcherBench) -> None:
    await bench.put("w", condition="cross_up")
    watcher = bench.watcher()
    record = await bench.tick(99)
    tomorrow = json.loads(record.value or b"") | {"at": (NOON + timedelta(days=1)).isoformat()}
    await feed(watcher, [replace(record, value=json.dumps(tomorrow).encode())])
    await feed(watcher, await bench.ticks(99.5, 101))
    assert await bench.fires() == [("w", 101)]


async def test_a_watch_made_while_the_table_took_long_to_read_hears_what_was_told_since(
    bench: WatcherBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(*_: object) -> dict[str, int]:
        raise Transient("the database: too slow")

    watcher = bench.watcher()
    await feed(watcher, await bench.ticks(99))
    now = bench.clock.now().replace(tzinfo=None)
    await bench.put("w", condition="cross_up", since=now, updated_at=now)
    with monkeypatch.context() as slow:
        slow.setattr(listing, "versions_since", gone)
        await watcher.turn()
        await feed(watcher, await bench.ticks(101))
        await feed(watcher, await bench.ticks(99, 99, later=25))
    await watcher.turn()
    assert await bench.fires() == [("w", 101)]


async def test_a_close_whose_level_shifts_a_little_once_price_is_beyond_it_fires_at_its_candles_end(
    bench: WatcherBench,
) -> None:
    await bench.put("w", condition="close_above", timeframe="1m")
    watcher = bench.watcher()
    await feed(watcher, await bench.ticks(99, 101))
    await bench.change("w", target=100.2)
    await watcher.turn()
    await feed(watcher, [*await bench.ticks(102), *await bench.ticks(103, later=60)])
    assert await bench.fires() == [("w", 102)]
