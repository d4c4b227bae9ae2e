"""What the engine keeps of watches, and for how long."""

from dataclasses import replace

from consumers.watcher.engine import EXPIRY_GRACE_MS, LoadedWatch, WatchEngine
from consumers.watcher.watch import WatchState
from tests.support.watching import NOON_MS, a_watch, ticks

END = NOON_MS + 60_000
WATCH = a_watch("cross_up", once=False, expires_at=END)


def test_engine_keeps_one_end_of_a_watch_that_changes() -> None:
    engine = WatchEngine()
    for version in range(5):
        engine.put(LoadedWatch(WATCH, WatchState(), version))
    engine.put(LoadedWatch(replace(WATCH, expires_at=END + 1), WatchState(), 5))
    assert len(engine._ends) == 2
    assert engine.expire(END + EXPIRY_GRACE_MS) == []
    assert [event.watch_id for event in engine.expire(END + 1 + EXPIRY_GRACE_MS)] == ["w"]
    assert engine.expire(END + 2 + EXPIRY_GRACE_MS) == []


def test_engine_expires_returning_watch_whose_end_has_passed() -> None:
    engine = WatchEngine()
    engine.put(LoadedWatch(WATCH, WatchState(), 1))
    engine.remove("w")
    assert engine.expire(END + EXPIRY_GRACE_MS) == []
    engine.put(LoadedWatch(WATCH, WatchState(), 2))
    assert len(engine.expire(END + EXPIRY_GRACE_MS)) == 1
    engine.remove("w")
    assert engine._expiries == {}


def test_engine_keeps_fire_until_the_row_has_it() -> None:
    engine = WatchEngine()
    engine.put(LoadedWatch(WATCH, WatchState(), 1))
    first, second = ticks([99, 101])
    engine.apply_tick(WATCH.instrument, first)
    (fire,) = engine.apply_tick(WATCH.instrument, second)
    engine.put(LoadedWatch(replace(WATCH, side="short"), WatchState(), 2))
    assert engine._fires.keys() == {"w"}
    engine.put(LoadedWatch(WATCH, WatchState(fire.arm, fire.tick.traded_at), 3))
    assert engine._fires == {}
    back, again = ticks([99, 101], start=second.traded_at + 1)
    engine.apply_tick(WATCH.instrument, back)
    assert [fire.arm for fire in engine.apply_tick(WATCH.instrument, again)] == [2]
