"""Watchers that die, wake late, or hand over: no fire is lost, and none has two ids."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from broker.ports import Broker, DeliveryUnknown, Edge, Message, Reader, Record
from consumers.watcher import listing, recovery
from consumers.watcher.desk import Listed
from consumers.watcher.handler import Watcher
from consumers.watcher.watch import Standing
from schemas.topics import PRICES, WATCH_EVENTS
from schemas.values import to_ms
from tests.support.events import NOON
from tests.support.watchers import NAIVE, WatcherBench, feed, partitions
from tests.support.watching import a_watch


class DiesAfter:
    """A broker whose client is killed once so many watch events were sent: `taken` or not."""

    def __init__(self, broker: Broker, sends: int, *, taken: bool) -> None:
        self._broker = broker
        self._sends = sends
        self._taken = taken

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
    """kill -9, as far as a test in the same process can."""


async def fed_until_killed(watcher: Watcher, records: Sequence[Record]) -> None:
    with pytest.raises(BaseExceptionGroup) as caught:
        await feed(watcher, records)
    assert caught.group_contains(Killed)


@pytest.mark.parametrize("taken", [True, False])
async def test_killed_between_publishing_and_committing(bench: WatcherBench, taken: bool) -> None:
    """The prices come again. What was told has its id already; what was not is told now."""
    await bench.put("once")
    await bench.put("always", repeat="always")
    records = await bench.ticks(99, 101, 99, 102)
    bench.broker = DiesAfter(bench.topics, 2, taken=taken)  # type: ignore[assignment]
    await fed_until_killed(bench.watcher(), records)
    bench.broker = bench.topics

    await feed(bench.watcher(), records)
    await feed(bench.watcher(), records)

    assert len(set(await bench.fire_ids())) == 1 + 3


async def test_a_fire_whose_acknowledgement_was_lost_has_one_id(bench: WatcherBench) -> None:
    class Forgetful(DiesAfter):
        async def publish(self, message: Message, *, timeout: float | None = None) -> Record:
            record = await bench.topics.publish(message)
            self._sends -= 1
            if self._sends >= 0:
                raise DeliveryUnknown("no word")
            return record

    await bench.put()
    bench.broker = Forgetful(bench.topics, 2, taken=True)  # type: ignore[assignment]
    await feed(bench.watcher(), await bench.ticks(99, 101))
    assert len(await bench.fire_ids()) == 3
    assert len(set(await bench.fire_ids())) == 1


async def test_where_prices_were_left_is_found_on_their_topic(bench: WatcherBench) -> None:
    """All below the last price is committed: only the topic knows that price came from below."""
    await bench.put("up", condition="cross_up")
    await bench.put("down", condition="cross_down")
    *_, last = await bench.ticks(99, 98, 97, 101)
    await bench.ticks(98)  # stands there already, but comes later

    await feed(bench.watcher(), [last])

    assert await bench.fires() == [("up", 101)]


async def test_each_market_is_left_where_it_was(bench: WatcherBench) -> None:
    symbols = [f"C{n}USDT" for n in range(12)]
    for symbol in symbols:
        await bench.put(symbol, symbol=symbol, condition="cross_up")
        await bench.tick(99 if symbol < "C5" else 101, symbol)
    watcher = bench.watcher()
    for symbol in symbols:
        await feed(watcher, [await bench.tick(102, symbol)])
    assert sorted(watch for watch, _ in await bench.fires()) == sorted(s for s in symbols if s < "C5")


async def test_a_price_of_long_ago_says_nothing(bench: WatcherBench) -> None:
    await bench.put("up", condition="cross_up")
    await bench.ticks(99)
    await feed(bench.watcher(), await bench.ticks(101, later=600))
    assert await bench.fires() == []


async def test_a_close_condition_stays_armed_through_a_restart(bench: WatcherBench) -> None:
    await bench.put("close", condition="close_above", timeframe="1h")
    watcher = bench.watcher()
    await feed(watcher, await bench.ticks(99, 101))
    await watcher.turn()
    quiet = await bench.ticks(102, later=1_800)

    await feed(bench.watcher(), [*quiet, *await bench.ticks(103, later=1_800)])

    assert await bench.fires() == [("close", 102)]


async def test_what_changed_the_watch_since_counts_more_than_what_armed_it(bench: WatcherBench) -> None:
    """Armed for a target of before: the row has another version by now, and stays unarmed."""
    await bench.put("close", condition="close_above", timeframe="1h")
    watcher = bench.watcher()
    await feed(watcher, await bench.ticks(99))
    desk = watcher._desk
    armed = desk.armed()
    await bench.change(
        "close", target=50.0, since=bench.clock.now().replace(tzinfo=None) + timedelta(seconds=0.5)
    )
    await listing.keep_armed(bench.engine, armed)
    (row,) = await listing.all_at_work(bench.engine)
    assert row.standing.armed_at is None


async def test_two_watchers_after_a_rebalance(bench: WatcherBench) -> None:
    """The first goes on with what it fetched, while the second has its partitions by now."""
    await bench.put("w", repeat="always")
    first = bench.watcher()
    committed = await bench.ticks(99, 101)
    await feed(first, committed)
    fetched = await bench.ticks(98, 102)

    second = bench.watcher()
    await asyncio.gather(feed(second, fetched), feed(first, fetched))
    first.assigned([])
    await feed(second, await bench.ticks(97))
    first.assigned(partitions())
    await feed(first, await bench.ticks(103))

    assert {price for _, price in await bench.fires()} == {101, 98, 102, 97, 103}
    assert len(set(await bench.fire_ids())) == 5


async def test_after_a_rebalance_prices_are_read_again_from_the_last_commit(bench: WatcherBench) -> None:
    await bench.put("w", repeat="always")
    watcher = bench.watcher()
    records = await bench.ticks(99, 101, 98, 102)
    await feed(watcher, records)
    watcher.assigned(partitions())
    await feed(watcher, records[2:])
    assert len(await bench.fire_ids()) == len(set(await bench.fire_ids())) == 3


async def test_prices_of_before_a_watch_do_not_fire_it_when_they_are_read_late(bench: WatcherBench) -> None:
    records = await bench.ticks(99, 101, 102)
    await bench.put("w", since=NAIVE + timedelta(seconds=3.5))
    await feed(bench.watcher(), records)
    assert await bench.fires() == []


async def test_killed_before_it_heard_of_a_new_watch(bench: WatcherBench) -> None:
    """The price that fires it was dealt with, and committed, by a watcher that had not looked at the table since."""
    first = bench.watcher()
    await feed(first, await bench.ticks(99))
    now = bench.clock.now().replace(tzinfo=None)
    await bench.put("cross", condition="cross_up", since=now, updated_at=now)
    await bench.put("later", condition="cross_up", since=now + timedelta(seconds=1.5), updated_at=now)
    await bench.put("close", condition="close_above", timeframe="1m", since=now, updated_at=now)
    await feed(first, [*await bench.ticks(101), *await bench.ticks(102, later=60)])
    assert await bench.fires() == []

    for _ in range(2):
        await feed(bench.watcher(), await bench.ticks(103))

    assert sorted(await bench.fires()) == [("close", 101), ("cross", 101)]


@pytest.mark.parametrize("stamp", [1, 119_999, 1_000_000_000_000, 2_000_000_000_000_000])
async def test_a_price_stamped_by_any_clock_ends_no_watcher(bench: WatcherBench, stamp: int) -> None:
    """Positions are looked for by time, and no broker takes one of before 1970."""
    begun = Begun(bench.topics)
    bench.broker = begun  # type: ignore[assignment]
    await bench.put("w", condition="cross_up")
    await bench.ticks(99)
    first, second = await bench.ticks(99.5, 101)

    await feed(bench.watcher(), [replace(first, timestamp_ms=stamp), second])

    assert await bench.fires() == [("w", 101)]
    (start,) = begun.starts
    assert timedelta() < bench.clock.now() - start <= timedelta(hours=1) + recovery.LOOK_BACK


async def test_a_broker_that_goes_away_while_it_is_read_is_tried_again(
    bench: WatcherBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader waits for it without a word: its wait would count as work that hangs."""
    monkeypatch.setattr(recovery, "_LONGEST_SILENCE", 0.05)
    bench.broker = GoesAway(bench.topics)  # type: ignore[assignment]
    await bench.put()
    watcher = bench.watcher()
    await feed(watcher, await bench.ticks(99))
    await feed(watcher, await bench.ticks(101))
    assert await bench.fires() == [("w", 101)]


class Begun:
    """A broker that keeps from when its topic of prices was read."""

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


class GoesAway:
    """A broker that is away, once, for whoever begins to read a topic."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._away = {PRICES.name, WATCH_EVENTS.name}

    def __getattr__(self, name: str) -> object:
        return getattr(self._broker, name)

    @asynccontextmanager
    async def read(self, topics: Sequence[str], start: Edge | datetime) -> AsyncIterator[Reader]:
        away = self._away & set(topics)
        self._away -= away
        async with self._broker.read(topics, start) as reader:
            yield Silent() if away else reader


class Silent:
    """A reader of a broker that does not answer."""

    def __aiter__(self) -> AsyncIterator[Record]:
        return self._records()

    async def is_caught_up(self) -> bool:
        return False

    async def _records(self) -> AsyncIterator[Record]:
        await asyncio.Event().wait()
        raise AssertionError("nobody sets it")
        yield


def test_watch_events_are_heard_from_where_a_row_may_not_know_of_them() -> None:
    now = NOON + timedelta(days=60)
    margin = timedelta(minutes=5)

    def one(since: int, fired: int | None = None) -> Listed:
        """Days after noon."""
        at = to_ms(NOON + timedelta(days=fired)) if fired is not None else None
        return Listed(a_watch(since=to_ms(NOON + timedelta(days=since))), Standing(fired_at=at), 1)

    assert recovery.heard_from([], now) == now - timedelta(days=1)
    assert recovery.heard_from([one(60), one(59, 60)], now) == now - timedelta(days=1)
    assert recovery.heard_from([one(20), one(10, 30)], now) == NOON + timedelta(days=20) - margin
    assert recovery.heard_from([one(40), one(10, 30)], now) == NOON + timedelta(days=30) - margin
    assert recovery.heard_from([one(40, 99)], now) == NOON + timedelta(days=40) - margin


async def test_a_fire_of_long_ago_that_the_row_does_not_know_is_not_told_twice(bench: WatcherBench) -> None:
    await bench.put("w", condition="cross_up", repeat="always")
    records = await bench.ticks(99, 101)
    await feed(bench.watcher(), records)
    bench.clock.time += timedelta(days=3)
    await feed(bench.watcher(), await bench.ticks(99, 101))
    assert len(set(await bench.fire_ids())) == len(await bench.fire_ids()) == 2
