"""Watchers that are killed, suspended or reassigned: no fire is lost, and none has two ids."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

import pytest

from broker.ports import Broker, DeliveryUnknown, Edge, Message, Reader, Record
from consumers.watcher import replay, watch_repository
from consumers.watcher.engine import LoadedWatch, WatchEngine
from consumers.watcher.handler import Watcher
from consumers.watcher.watch import WatchState
from schemas.topics import PRICES, WATCH_EVENTS
from schemas.values import to_ms
from tests.support.events import NOON
from tests.support.fires import fire_record
from tests.support.watchers import NAIVE, WatcherBench, feed, partitions
from tests.support.watching import a_watch


class KilledAfterSends:
    """A broker whose client is killed at the given send of a watch event; `is_taken`: after it was accepted."""

    def __init__(self, broker: Broker, sends: int, *, is_taken: bool) -> None:
        self._broker = broker
        self._sends = sends
        self._taken = is_taken

    def __getattr__(self, name: str) -> object:
        return getattr(self._broker, name)

    async def publish(self, message: Message, *, timeout: float | None = None) -> Record:
        if message.topic != WATCH_EVENTS.name:
            return await self._broker.publish(message)
        self._sends -= 1
        if self._sends == 0:
            if self._taken:
                await self._broker.publish(message)
            raise Killed
        return await self._broker.publish(message)


class Killed(BaseException):
    """Stands for `kill -9` in a test within one process."""


async def feed_until_killed(watcher: Watcher, records: Sequence[Record]) -> None:
    with pytest.raises(BaseExceptionGroup) as caught:
        await feed(watcher, records)
    assert caught.group_contains(Killed)


@pytest.mark.parametrize("is_taken", [True, False])
async def test_watcher_killed_before_commit_republishes_under_the_same_ids(
    bench: WatcherBench, is_taken: bool
) -> None:
    """The prices are delivered again: published fires keep their ids, the others are published now."""
    await bench.put("once")
    await bench.put("always", repeat="always")
    records = await bench.ticks(99, 101, 99, 102)
    bench.broker = KilledAfterSends(bench.topics, 2, is_taken=is_taken)  # type: ignore[assignment]
    await feed_until_killed(bench.watcher(), records)
    bench.broker = bench.topics

    await feed(bench.watcher(), records)
    await feed(bench.watcher(), records)

    assert len(set(await bench.fire_ids())) == 1 + 3


async def test_watcher_republishes_unacknowledged_fire_under_one_id(bench: WatcherBench) -> None:
    class LosesAcknowledgements(KilledAfterSends):
        async def publish(self, message: Message, *, timeout: float | None = None) -> Record:
            record = await bench.topics.publish(message)
            self._sends -= 1
            if self._sends >= 0:
                raise DeliveryUnknown("no answer")
            return record

    await bench.put()
    bench.broker = LosesAcknowledgements(bench.topics, 2, is_taken=True)  # type: ignore[assignment]
    await feed(bench.watcher(), await bench.ticks(99, 101))
    assert len(await bench.fire_ids()) == 3
    assert len(set(await bench.fire_ids())) == 1


async def test_watcher_replays_last_committed_price_of_market(bench: WatcherBench) -> None:
    """All below the last price is committed: only the topic has the price below the target."""
    await bench.put("up", condition="cross_up")
    await bench.put("down", condition="cross_down")
    *_, last = await bench.ticks(99, 98, 97, 101)
    await bench.ticks(98)  # on the topic already, but not processed yet

    await feed(bench.watcher(), [last])

    assert await bench.fires() == [("up", 101)]


async def test_watcher_replays_last_price_of_each_market(bench: WatcherBench) -> None:
    symbols = [f"C{n}USDT" for n in range(12)]
    for symbol in symbols:
        await bench.put(symbol, symbol=symbol, condition="cross_up")
        await bench.tick(99 if symbol < "C5" else 101, symbol)
    watcher = bench.watcher()
    for symbol in symbols:
        await feed(watcher, [await bench.tick(102, symbol)])
    assert sorted(watch for watch, _ in await bench.fires()) == sorted(s for s in symbols if s < "C5")


async def test_watcher_ignores_prices_before_the_lookback(bench: WatcherBench) -> None:
    await bench.put("up", condition="cross_up")
    await bench.ticks(99)
    await feed(bench.watcher(), await bench.ticks(101, later=600))
    assert await bench.fires() == []


async def test_watcher_restart_keeps_close_armed(bench: WatcherBench) -> None:
    await bench.put("close", condition="close_above", timeframe="1h")
    watcher = bench.watcher()
    await feed(watcher, await bench.ticks(99, 101))
    await watcher.refresh()
    quiet = await bench.ticks(102, later=1_800)

    second = bench.watcher()
    await feed(second, [*quiet, *await bench.ticks(103, later=1_800)])
    await second.check_candles()

    assert await bench.fires() == [("close", 102)]


async def test_save_armings_skips_changed_row(bench: WatcherBench) -> None:
    """Armed for an earlier target: the row has another version by now and stays unarmed."""
    await bench.put("close", condition="close_above", timeframe="1h")
    watcher = bench.watcher()
    await feed(watcher, await bench.ticks(99))
    engine = watcher._engine
    armings = engine.find_unsaved_armings()
    await bench.change(
        "close", target=50.0, since=bench.clock.now().replace(tzinfo=None) + timedelta(seconds=0.5)
    )
    await watch_repository.save_armings(bench.engine, armings)
    (row,) = await watch_repository.load_active(bench.engine)
    assert row.state.armed_at is None


async def test_save_armings_isolates_a_row_that_the_database_refuses(bench: WatcherBench) -> None:
    """Such a row must end neither the watcher nor the armings of others."""
    async with bench.engine.begin() as connection:
        await connection.exec_driver_sql(
            "CREATE TRIGGER refuse BEFORE UPDATE ON watches WHEN NEW.id = 'c3'"
            " BEGIN SELECT RAISE(ABORT, 'not this one'); END"
        )
    for number in range(7):
        await bench.put(f"c{number}", condition="close_above", timeframe="1m")
    watcher = bench.watcher()
    await feed(watcher, await bench.ticks(99))
    await watcher.refresh()
    saved = {
        loaded.watch.id: loaded.state.armed_at for loaded in await watch_repository.load_active(bench.engine)
    }
    assert {watch_id for watch_id, armed_at in saved.items() if armed_at is None} == {"c3"}
    await feed(watcher, [*await bench.ticks(101), *await bench.ticks(99, later=60)])
    await watcher.check_candles()
    assert len(await bench.fires()) == 7


async def test_watchers_after_rebalance_publish_every_fire_under_one_id(bench: WatcherBench) -> None:
    """The first still processes what it fetched, although the second has its partitions."""
    await bench.put("w", repeat="always")
    first = bench.watcher()
    committed = await bench.ticks(99, 101)
    await feed(first, committed)
    fetched = await bench.ticks(98, 102)

    second = bench.watcher()
    await asyncio.gather(feed(second, fetched), feed(first, fetched))
    first.on_assigned([])
    await feed(second, await bench.ticks(97))
    first.on_assigned(partitions())
    await feed(first, await bench.ticks(103))

    assert {price for _, price in await bench.fires()} == {101, 98, 102, 97, 103}
    assert len(set(await bench.fire_ids())) == 5


async def test_watcher_after_rebalance_reprocesses_from_last_commit(bench: WatcherBench) -> None:
    await bench.put("w", repeat="always")
    watcher = bench.watcher()
    records = await bench.ticks(99, 101, 98, 102)
    await feed(watcher, records)
    watcher.on_assigned(partitions())
    await feed(watcher, records[2:])
    assert len(await bench.fire_ids()) == len(set(await bench.fire_ids())) == 3


async def test_watcher_does_not_fire_by_prices_before_the_watch(bench: WatcherBench) -> None:
    records = await bench.ticks(99, 101, 102)
    await bench.put("w", since=NAIVE + timedelta(seconds=3.5))
    await feed(bench.watcher(), records)
    assert await bench.fires() == []


async def test_watcher_fires_watch_that_its_predecessor_had_not_loaded(bench: WatcherBench) -> None:
    """The price that fires it was processed and committed by a watcher that had not read the table since."""
    first = bench.watcher()
    await feed(first, await bench.ticks(99))
    now = bench.clock.now().replace(tzinfo=None)
    await bench.put("cross", condition="cross_up", since=now, updated_at=now)
    await bench.put("later", condition="cross_up", since=now + timedelta(seconds=1.5), updated_at=now)
    await bench.put("close", condition="close_above", timeframe="1m", since=now, updated_at=now)
    await feed(first, [*await bench.ticks(101), *await bench.ticks(102, later=60)])
    assert await bench.fires() == []

    for _ in range(2):
        watcher = bench.watcher()
        await feed(watcher, await bench.ticks(103))
        await watcher.check_candles()

    assert sorted(await bench.fires()) == [("close", 101), ("cross", 101)]


@pytest.mark.parametrize("stamp", [1, 119_999, 1_000_000_000_000, 2_000_000_000_000_000])
async def test_watcher_survives_implausible_record_timestamp(bench: WatcherBench, stamp: int) -> None:
    """Offsets are looked up by time, and no broker accepts one before 1970."""
    recorder = ReadStartRecorder(bench.topics)
    bench.broker = recorder  # type: ignore[assignment]
    await bench.put("w", condition="cross_up")
    await bench.ticks(99)
    first, second = await bench.ticks(99.5, 101)

    await feed(bench.watcher(), [replace(first, timestamp_ms=stamp), second])

    assert await bench.fires() == [("w", 101)]
    (start,) = recorder.starts
    assert timedelta() < bench.clock.now() - start <= timedelta(hours=1) + replay.PRICE_LOOKBACK


async def test_watcher_retries_replay_when_broker_becomes_unreachable(
    bench: WatcherBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader waits for the broker without an error: its wait would count as hanging work."""
    monkeypatch.setattr(replay, "_RECORD_TIMEOUT", 0.05)
    bench.broker = UnreachableOnce(bench.topics)  # type: ignore[assignment]
    await bench.put()
    watcher = bench.watcher()
    await feed(watcher, await bench.ticks(99))
    await feed(watcher, await bench.ticks(101))
    assert await bench.fires() == [("w", 101)]


class ReadStartRecorder:
    """A broker that records from which time its prices topic is read."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self.starts: list[datetime] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self._broker, name)

    @asynccontextmanager
    async def read(self, topics: Sequence[str], start: Edge | datetime) -> AsyncIterator[Reader]:
        if PRICES.name in topics and isinstance(start, datetime):
            self.starts.append(start)
        async with self._broker.read(topics, start) as reader:
            yield reader


class UnreachableOnce:
    """A broker whose first reader of each topic gets no records."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._away = {PRICES.name, WATCH_EVENTS.name}

    def __getattr__(self, name: str) -> object:
        return getattr(self._broker, name)

    @asynccontextmanager
    async def read(self, topics: Sequence[str], start: Edge | datetime) -> AsyncIterator[Reader]:
        unreachable = self._away & set(topics)
        self._away -= unreachable
        async with self._broker.read(topics, start) as reader:
            yield SilentReader() if unreachable else reader


class SilentReader:
    """A reader of a broker that does not answer."""

    def __aiter__(self) -> AsyncIterator[Record]:
        return self._records()

    async def is_caught_up(self) -> bool:
        return False

    async def _records(self) -> AsyncIterator[Record]:
        await asyncio.Event().wait()
        raise AssertionError("the event is never set")
        yield


def test_events_start_covers_what_rows_may_lack() -> None:
    now = NOON + timedelta(days=60)
    margin = timedelta(minutes=5)

    def one(since: int, fired: int | None = None) -> LoadedWatch:
        """Days after noon."""
        at = to_ms(NOON + timedelta(days=fired)) if fired is not None else None
        return LoadedWatch(a_watch(since=to_ms(NOON + timedelta(days=since))), WatchState(fired_at=at), 1)

    assert replay.events_start([], now) == now - timedelta(days=1)
    assert replay.events_start([one(60), one(59, 60)], now) == now - timedelta(days=1)
    assert replay.events_start([one(20), one(10, 30)], now) == NOON + timedelta(days=20) - margin
    assert replay.events_start([one(40), one(10, 30)], now) == NOON + timedelta(days=30) - margin
    assert replay.events_start([one(40, 99)], now) == NOON + timedelta(days=40) - margin


async def test_watcher_does_not_repeat_old_fire_missing_from_the_row(bench: WatcherBench) -> None:
    await bench.put("w", condition="cross_up", repeat="always")
    records = await bench.ticks(99, 101)
    await feed(bench.watcher(), records)
    bench.clock.time += timedelta(days=3)
    await feed(bench.watcher(), await bench.ticks(99, 101))
    assert len(set(await bench.fire_ids())) == len(await bench.fire_ids()) == 2


class FetchedReader:
    """A reader whose records are all fetched: it never waits."""

    def __init__(self, records: Sequence[Record]) -> None:
        self._records = list(records)

    async def is_caught_up(self) -> bool:
        return not self._records

    async def __anext__(self) -> Record:
        return self._records.pop(0)

    def __aiter__(self) -> "FetchedReader":
        return self


class FetchedBroker:
    def __init__(self, records: Sequence[Record]) -> None:
        self._records = records

    @asynccontextmanager
    async def read(self, topics: Sequence[str], start: datetime) -> AsyncIterator[FetchedReader]:
        yield FetchedReader(self._records)


async def test_replay_of_many_events_lets_heartbeats_run() -> None:
    turns = 0

    async def count_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count_turns())
    broker = cast("Broker", FetchedBroker([fire_record()] * 1_000))
    await replay.replay_events(broker, WatchEngine(), NOON)
    counting.cancel()
    assert turns >= 9
