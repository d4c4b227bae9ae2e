"""When a watch is reported blind, and when it is reported to see again."""

from datetime import timedelta

from consumers.watcher.sight import WatchSight
from schemas.values import from_ms
from schemas.watch_events import WatchBlinded, WatchSighted
from tests.support.events import NOON
from tests.support.watchers import WatcherBench, feed
from tests.support.watching import MINUTE, NOON_MS, a_watch

WATCH = a_watch(since=NOON_MS)


def report(sight: WatchSight, minutes: float, price_at: float | None) -> list[WatchBlinded | WatchSighted]:
    """Update after `minutes`, with a price known `price_at` minutes after noon."""
    known = {} if price_at is None else {WATCH.instrument: NOON_MS + int(price_at * MINUTE)}
    now = NOON_MS + int(minutes * MINUTE)
    return sight.update([WATCH], known, now, report_after=5 * MINUTE, blind_after=MINUTE)


def test_sight_reports_blind_watch_once_and_that_it_sees_again() -> None:
    sight = WatchSight()
    assert report(sight, 6, 1) == []
    (blinded,) = report(sight, 6.1, 1)
    assert (type(blinded), blinded.at) == (WatchBlinded, from_ms(NOON_MS + MINUTE))
    assert report(sight, 60, 1) == []
    assert report(sight, 60, 58) == []  # a price, but an old one
    (sighted,) = report(sight, 60, 59.5)
    assert isinstance(sighted, WatchSighted)
    assert (sighted.blind_from, sighted.at) == (blinded.at, from_ms(NOON_MS + int(59.5 * MINUTE)))
    assert report(sight, 61, 60.5) == []


def test_sight_counts_from_the_watch_where_no_price_is_known() -> None:
    sight = WatchSight()
    assert report(sight, 5, None) == []
    (blinded,) = report(sight, 5.1, None)
    assert blinded.at == from_ms(NOON_MS)


def test_sight_repeats_an_event_under_its_id_and_continues_after_one() -> None:
    first, second = WatchSight(), WatchSight()
    (one,), (other,) = report(first, 7, 1), report(second, 9, 1)
    assert one.event_id == other.event_id
    assert isinstance(one, WatchBlinded)
    third = WatchSight()
    third.apply_event(one)
    assert report(third, 10, 1) == []
    assert len(report(third, 10, 10)) == 1
    third.forget(WATCH.id)
    assert report(third, 10, 10) == []


async def test_watcher_reports_blindness_and_its_successor_ends_it(bench: WatcherBench) -> None:
    await bench.put()
    bench.report_after = 300.0
    first = bench.watcher()
    await feed(first, await bench.ticks(90))
    await first.refresh()
    bench.clock.time += timedelta(minutes=6)
    await first.refresh()
    second = bench.watcher()
    for _ in range(2):
        bench.clock.time += timedelta(minutes=1)
        await second.refresh()
    await feed(second, await bench.ticks(90))
    for _ in range(2):
        await second.refresh()
        bench.clock.time += timedelta(seconds=6)
    blinded, sighted = await bench.events()
    assert isinstance(blinded, WatchBlinded)
    assert isinstance(sighted, WatchSighted)
    assert blinded.at == sighted.blind_from == NOON + timedelta(seconds=1)


async def test_watcher_reports_sight_by_the_first_price_after_a_silence(bench: WatcherBench) -> None:
    await bench.put()
    bench.report_after = 300.0
    watcher = bench.watcher()
    await feed(watcher, await bench.ticks(90))
    await watcher.refresh()
    bench.clock.time += timedelta(minutes=6)
    await watcher.refresh()
    first = await bench.tick(90)
    for record in (first, await bench.tick(91), await bench.tick(92)):
        await feed(watcher, [record])
        await watcher.refresh()
    *_, sighted = await bench.events()
    assert isinstance(sighted, WatchSighted)
    assert sighted.at == from_ms(first.timestamp_ms)
