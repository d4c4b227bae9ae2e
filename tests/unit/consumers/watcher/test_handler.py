"""The watcher with topics and a table: what it publishes, and how it follows the table."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from broker.ports import Record
from consumers.watcher import watch_repository
from runtime.errors import Malformed, Transient
from schemas.records import WatchedPriceRecord
from schemas.watch_events import WatchBlinded, WatchExpired, WatchFired
from storage.watched_prices import load_watched_prices
from tests.support.events import NOON
from tests.support.watchers import NAIVE, WatcherBench, feed


async def test_watcher_publishes_fire_when_price_reaches_target(bench: WatcherBench) -> None:
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
        "timeframe": None,
        "note": None,
        "delivery": None,
        "arm": 1,
        "late": False,
        "others": (),
        "others_total": 0,
    }


async def test_watcher_rejects_invalid_price(bench: WatcherBench) -> None:
    watcher = bench.watcher()
    record = await bench.tick(99)
    payload = json.loads(record.value or b"")
    for wrong in ({"price": None}, {"price": "NaN"}, {"at": "0001-01-01T00:00:00+14:00"}, {"symbol": 1}):
        with pytest.raises(Malformed, match="PriceTicked"):
            watcher.decode(replace(record, value=json.dumps(payload | wrong).encode()))
    with pytest.raises(Malformed):
        watcher.decode(replace(record, value=b"\xff"))
    await feed(watcher, [replace(record, value=None)])


async def test_watcher_fires_new_watch_by_prices_since_it_was_made(
    bench: WatcherBench,
) -> None:
    watcher = bench.watcher()
    await feed(watcher, await bench.ticks(99))
    now = bench.clock.now().replace(tzinfo=None)
    await bench.put("w", since=now + timedelta(seconds=0.5), updated_at=now)
    await feed(watcher, await bench.ticks(101))
    assert await bench.fires() == []

    await watcher.refresh()

    assert await bench.fires() == [("w", 101)]


async def test_watcher_follows_changes_of_the_table(bench: WatcherBench) -> None:
    watcher = bench.watcher()
    await bench.put("moved")
    await bench.put("paused")
    await bench.put("deleted")
    await feed(watcher, await bench.ticks(99))
    since = bench.clock.now().replace(tzinfo=None)
    await bench.change("moved", target=102.0, since=since)
    await bench.change("paused", state="paused")
    await bench.change("deleted", deleted_at=since)
    await watcher.refresh()

    await feed(watcher, await bench.ticks(101))
    assert await bench.fires() == []
    await feed(watcher, await bench.ticks(103))
    assert await bench.fires() == [("moved", 103)]

    await bench.change("paused", state="active", since=bench.clock.now().replace(tzinfo=None))
    await watcher.refresh()
    await watcher.refresh()
    await feed(watcher, await bench.ticks(104, 99))
    assert await bench.fires() == [("moved", 103), ("paused", 99)]


async def test_watcher_fires_once_before_the_sink_has_written(bench: WatcherBench) -> None:
    watcher = bench.watcher()
    await bench.put()
    await feed(watcher, await bench.ticks(99, 101))
    await bench.change(note="edited")
    await watcher.refresh()
    await feed(watcher, await bench.ticks(99, 101))
    assert await bench.fires() == [("w", 101)]

    await bench.change(fires=1, state="fired", last_fired_at=NAIVE + timedelta(seconds=2))
    await watcher.refresh()
    bench.clock.time += timedelta(seconds=1)
    await bench.change(state="active", since=bench.clock.now().replace(tzinfo=None))
    await watcher.refresh()
    await feed(watcher, await bench.ticks(98))
    assert await bench.fires() == [("w", 101), ("w", 98)]
    assert len(set(await bench.fire_ids())) == 2


async def test_watcher_publishes_expiry_once(bench: WatcherBench) -> None:
    await bench.put("w", expires_at=NAIVE + timedelta(seconds=10))
    await bench.put("fired", expires_at=NAIVE + timedelta(seconds=10))
    await bench.put("prolonged", expires_at=NAIVE + timedelta(seconds=10))
    await bench.put("later", expires_at=NAIVE + timedelta(seconds=60))
    watcher = bench.watcher()
    await feed(watcher, await bench.ticks(99))
    await bench.change("prolonged", expires_at=NAIVE + timedelta(seconds=60))
    await bench.change("w", target=1.0)
    await watcher.refresh()
    await feed(watcher, await bench.ticks(101, later=8.0))
    fired = {watch_id for watch_id, _ in await bench.fires()}
    assert fired == {"fired", "prolonged", "later"}

    bench.clock.time = NOON + timedelta(seconds=20)
    await watcher.refresh()
    await watcher.refresh()
    await feed(bench.watcher(), await bench.ticks(102))

    expire = [event for event in await bench.events() if isinstance(event, WatchExpired)]
    assert [(event.watch_id, event.at) for event in expire] == [("w", NOON + timedelta(seconds=10))]


async def test_expiry_is_published_by_one_of_several_watchers(bench: WatcherBench) -> None:
    await bench.put("w", expires_at=NAIVE + timedelta(seconds=10))
    first, second = bench.watcher(0), bench.watcher(1)
    bench.clock.time = NOON + timedelta(seconds=20)
    await second.refresh()
    assert await bench.events() == []
    await first.refresh()
    await second.refresh()
    assert len(await bench.events()) == 1


async def test_watcher_waits_for_table_at_start_and_continues_without_it_later(
    bench: WatcherBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, unreachable = watch_repository.load_active, 3

    async def fail_twice(engine: object) -> object:
        nonlocal unreachable
        unreachable -= 1
        if unreachable:
            raise Transient("the database: away")
        return await real(bench.engine)

    async def fail_read(*_: object) -> dict[str, int]:
        raise Transient("the database: away")

    monkeypatch.setattr(watch_repository, "load_active", fail_twice)
    monkeypatch.setattr(watch_repository, "load_versions_since", fail_read)
    await bench.put()
    watcher = bench.watcher()
    await feed(watcher, await bench.ticks(99))
    await watcher.refresh()
    await feed(watcher, await bench.ticks(101))
    assert await bench.fires() == [("w", 101)]


async def test_watcher_applies_changes_made_while_table_was_unreachable(
    bench: WatcherBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail_read(*_: object) -> dict[str, int]:
        raise Transient("the database: away")

    watcher = bench.watcher()
    await feed(watcher, await bench.ticks(99))
    with monkeypatch.context() as unreachable:
        unreachable.setattr(watch_repository, "load_versions_since", fail_read)
        await bench.put(
            since=bench.clock.now().replace(tzinfo=None), updated_at=bench.clock.now().replace(tzinfo=None)
        )
        bench.clock.time += timedelta(minutes=10)
        await watcher.refresh()
    await watcher.refresh()
    await feed(watcher, await bench.ticks(101))
    assert await bench.fires() == [("w", 101)]


async def test_watcher_evaluates_every_price_of_a_batch(bench: WatcherBench) -> None:
    await bench.put("w", repeat="always")
    records: list[Record] = await bench.ticks(*[99, 101] * 50)
    await feed(bench.watcher(), records)
    assert len(set(await bench.fire_ids())) == 99


async def test_watcher_clamps_price_of_the_future(bench: WatcherBench) -> None:
    await bench.put("w", condition="cross_up")
    watcher = bench.watcher()
    record = await bench.tick(99)
    tomorrow = json.loads(record.value or b"") | {"at": (NOON + timedelta(days=1)).isoformat()}
    await feed(watcher, [replace(record, value=json.dumps(tomorrow).encode())])
    await feed(watcher, await bench.ticks(99.5, 101))
    assert await bench.fires() == [("w", 101)]


async def test_watcher_fires_watch_made_during_slow_table_read(
    bench: WatcherBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail_read(*_: object) -> dict[str, int]:
        raise Transient("the database: too slow")

    watcher = bench.watcher()
    await feed(watcher, await bench.ticks(99))
    now = bench.clock.now().replace(tzinfo=None)
    await bench.put("w", condition="cross_up", since=now, updated_at=now)
    with monkeypatch.context() as slow:
        slow.setattr(watch_repository, "load_versions_since", fail_read)
        await watcher.refresh()
        await feed(watcher, await bench.ticks(101))
        await feed(watcher, await bench.ticks(99, 99, later=25))
    await watcher.refresh()
    assert await bench.fires() == [("w", 101)]


async def test_watcher_fires_close_whose_target_shifts_while_price_is_beyond(
    bench: WatcherBench,
) -> None:
    await bench.put("w", condition="close_above", timeframe="1m")
    watcher = bench.watcher()
    await feed(watcher, await bench.ticks(99, 101))
    await bench.change("w", target=100.2)
    await watcher.refresh()
    await feed(watcher, [*await bench.ticks(102), *await bench.ticks(103, later=60)])
    await watcher.check_candles()
    assert await bench.fires() == [("w", 102)]


async def test_watcher_saves_the_last_price_of_markets_with_watches(bench: WatcherBench) -> None:
    await bench.put()
    watcher = bench.watcher()
    await feed(watcher, [await bench.tick(90.0), await bench.tick(1.0, "ETHUSDT")])
    await watcher.refresh()
    async with bench.engine.connect() as connection:
        saved = await load_watched_prices(
            connection, {("sim", "spot", "BTCUSDT"), ("sim", "spot", "ETHUSDT")}
        )
    assert {name[2]: (row["price"], row["unchecked_from"]) for name, row in saved.items()} == {
        "BTCUSDT": (90.0, None)
    }


async def test_watcher_reads_prices_each_second_only_while_an_outage_is_new(
    bench: WatcherBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[float] = []
    load_prices = watch_repository.load_prices

    async def load_and_count(engine: AsyncEngine) -> list[WatchedPriceRecord]:
        reads.append((bench.clock.now() - NOON).total_seconds())
        return await load_prices(engine)

    bench.report_after = 20.0
    await bench.put("delisted")
    watcher = bench.watcher()
    monkeypatch.setattr(watch_repository, "load_prices", load_and_count)
    for _ in range(300):
        await bench.clock.sleep(1.0)
        await watcher.refresh()
    (blinded,) = await bench.events()
    since = (blinded.at - NOON).total_seconds()
    assert isinstance(blinded, WatchBlinded)
    assert len([at for at in reads if since + 25 <= at < since + 85]) > 50
    assert len([at for at in reads if at >= 200]) <= 21
