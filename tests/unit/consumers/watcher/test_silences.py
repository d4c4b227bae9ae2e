"""A watcher whose prices stay away: what its market did in that time fires late, and once, also after a kill."""

from datetime import timedelta

import pytest

from consumers.watcher.handler import Watcher
from schemas.watch_events import WatchFired
from tests.support.events import NOON
from tests.support.watchers import WatcherBench, feed


@pytest.fixture(autouse=True)
def _short_silences(bench: WatcherBench) -> None:
    bench.max_silence = 16.0


async def be_silent(bench: WatcherBench, *prices: float) -> None:
    """Trade at a price each minute that only the candles show."""
    for price in prices:
        bench.clock.time += timedelta(minutes=1)
        bench.trade(price)


async def late_fires(bench: WatcherBench) -> list[tuple[str, float, float]]:
    """Return watch, price and minutes after noon of every late fire."""
    return [
        (event.watch_id, event.price, (event.at - NOON) / timedelta(minutes=1))
        for event in await bench.events()
        if isinstance(event, WatchFired) and event.late
    ]


async def restart(bench: WatcherBench, old: Watcher) -> Watcher:
    old.on_assigned([])
    return bench.watcher()


async def test_touch_in_a_silence_is_told_late_with_its_minute(bench: WatcherBench) -> None:
    await bench.put("far", target=200.0)
    await bench.put("touched", target=120.0)
    watcher = bench.watcher()
    await feed(watcher, await bench.ticks(90))
    await be_silent(bench, 95, 130, 95, 95)
    await feed(watcher, await bench.ticks(90))
    await watcher.check_candles()
    await watcher.check_candles()
    assert await late_fires(bench) == [("touched", 130, 2)]
    assert await bench.fires() == [("touched", 130)]


async def test_touch_in_a_silence_is_told_by_the_watcher_that_follows(bench: WatcherBench) -> None:
    await bench.put("w", target=120.0, repeat="always")
    first = bench.watcher()
    await feed(first, await bench.ticks(90))
    await first.refresh()
    await be_silent(bench, 95, 130, 95, *[95.0] * 5)
    second = await restart(bench, first)
    back = await bench.ticks(90)
    await feed(second, back)
    await second.check_candles()
    # Killed before it saved that the minutes are checked: the next one checks them again.
    third = await restart(bench, second)
    await feed(third, back)
    await third.check_candles()
    assert await late_fires(bench) == [("w", 130, 2), ("w", 95, 3)]
    assert len(set(await bench.fire_ids())) == len(await bench.fire_ids()) == 2


async def test_silence_is_checked_once_the_exchange_answers_again(bench: WatcherBench) -> None:
    await bench.put("w", target=120.0)
    watcher = bench.watcher()
    await feed(watcher, await bench.ticks(90))
    await be_silent(bench, 130, 95)
    bench.candles.is_away = True
    await feed(watcher, await bench.ticks(90))
    for _ in range(3):
        await watcher.check_candles()
        await watcher.refresh()
    assert await bench.fires() == []
    bench.candles.is_away = False
    bench.clock.time += timedelta(minutes=2)
    await watcher.check_candles()
    assert await late_fires(bench) == [("w", 130, 1)]


async def test_price_beyond_after_a_silence_fires_although_candles_are_away(bench: WatcherBench) -> None:
    await bench.put("w", target=120.0)
    watcher = bench.watcher()
    await feed(watcher, await bench.ticks(90))
    await be_silent(bench, 130)
    bench.candles.is_away = True
    await feed(watcher, await bench.ticks(131))
    await watcher.refresh()
    assert await bench.fires() == []
    bench.clock.time += timedelta(seconds=5)
    await watcher.refresh()
    bench.candles.is_away = False
    bench.clock.time += timedelta(minutes=2)
    await watcher.check_candles()
    assert await bench.fires() == [("w", 131)]


async def test_close_below_waits_for_the_candle_and_not_for_a_price(bench: WatcherBench) -> None:
    await bench.put("below", condition="close_below", timeframe="1m", target=90.0)
    watcher = bench.watcher()
    await feed(watcher, await bench.ticks(100, 85))
    bench.clock.time += timedelta(seconds=30)
    bench.trade(100)  # the minute closes here, which no price has shown
    await feed(watcher, await bench.ticks(85, later=40))
    await watcher.check_candles()
    assert await bench.fires() == []
    bench.candles.is_away = True
    await feed(watcher, await bench.ticks(85, later=60))
    await watcher.check_candles()
    assert await bench.fires() == []
    bench.candles.is_away = False
    bench.clock.time += timedelta(minutes=2)
    await watcher.check_candles()
    assert await bench.fires() == [("below", 85)]


async def test_watch_that_expires_in_a_silence_fires_by_the_candles_before_its_end(
    bench: WatcherBench,
) -> None:
    end = NOON.replace(tzinfo=None) + timedelta(minutes=3)
    await bench.put("touched", target=130.0, expires_at=end)
    await bench.put("later", target=150.0, expires_at=end)
    watcher = bench.watcher()
    await feed(watcher, await bench.ticks(90))
    await be_silent(bench, 95, 131, 95, 151)
    await watcher.refresh()
    assert await bench.events() == []
    await feed(watcher, await bench.ticks(90))
    await watcher.check_candles()
    await watcher.refresh()
    events = [(event.watch_id, event.type) for event in await bench.events()]
    assert events == [("touched", "fired"), ("later", "expired")]


async def test_watch_expires_while_prices_stay_away(bench: WatcherBench) -> None:
    end = NOON.replace(tzinfo=None) + timedelta(minutes=3)
    await bench.put("w", target=130.0, expires_at=end)
    watcher = bench.watcher()
    await feed(watcher, await bench.ticks(90))
    bench.clock.time += timedelta(minutes=17)
    await watcher.refresh()
    assert await bench.events() == []
    bench.clock.time += timedelta(minutes=2)
    await watcher.refresh()
    assert [event.type for event in await bench.events()] == ["expired"]


async def test_close_of_a_silence_before_any_price_fires(bench: WatcherBench) -> None:
    await bench.put(condition="close_above", target=100.0, timeframe="1m")
    watcher = bench.watcher()
    bench.trade(99.0)
    await be_silent(bench, 103.0, 104.0)  # the minute of 103 closed above, before any price
    await feed(watcher, [await bench.tick(104.0, later=90.0)])
    await watcher.check_candles()
    await feed(watcher, [await bench.tick(104.0)])
    await watcher.check_candles()
    (fire,) = [event for event in await bench.events() if isinstance(event, WatchFired)]
    assert (fire.price, fire.late) == (103.0, True)


async def test_expiry_waits_for_the_first_price_of_a_market(bench: WatcherBench) -> None:
    await bench.put(target=100.0, expires_at=NOON.replace(tzinfo=None) + timedelta(minutes=2))
    watcher = bench.watcher()
    bench.trade(99.0)
    await be_silent(bench, 101.0, 99.0, 99.0)
    await watcher.refresh()
    await feed(watcher, [await bench.tick(99.0)])
    await watcher.check_candles()
    await watcher.refresh()
    assert [type(event).__name__ for event in await bench.events()] == ["WatchFired"]


async def test_expiry_waits_for_candles_that_the_watcher_before_has_not_checked(bench: WatcherBench) -> None:
    await bench.put(target=100.0, expires_at=NOON.replace(tzinfo=None) + timedelta(seconds=190))
    watcher = bench.watcher()
    await feed(watcher, [await bench.tick(99.0)])
    await be_silent(bench, 101.0, 99.0)
    bench.candles.is_away = True
    await feed(watcher, [await bench.tick(99.0, later=60.0)])
    await watcher.check_candles()
    await watcher.refresh()
    watcher = await restart(bench, watcher)
    bench.clock.time += timedelta(seconds=20)
    await watcher.refresh()
    assert await bench.events() == []
    bench.candles.is_away = False
    await feed(watcher, [await bench.tick(99.0)])
    await watcher.check_candles()
    assert await late_fires(bench) == [("w", 101.0, 1.0)]


async def test_expiry_of_a_market_of_another_watcher_does_not_wait(bench: WatcherBench) -> None:
    await bench.put(target=100.0, expires_at=NOON.replace(tzinfo=None) + timedelta(minutes=2))
    expirer, other = bench.watcher(0), bench.watcher(1)
    await expirer.refresh()
    for _ in range(13):
        await feed(other, [await bench.tick(99.0, later=10.0)])
        await other.check_candles()
        await other.refresh()
    await expirer.refresh()
    assert [type(event).__name__ for event in await bench.events()] == ["WatchExpired"]
