"""What the desk keeps of watches, and for how long."""

from dataclasses import replace

from consumers.watcher.desk import GRACE_MS, Desk, Listed
from consumers.watcher.watch import Standing
from tests.support.watching import NOON_MS, a_watch, ticks

END = NOON_MS + 60_000
WATCH = a_watch("cross_up", once=False, expires_at=END)


def test_a_watch_that_changes_often_has_one_end() -> None:
    desk = Desk()
    for version in range(5):
        desk.put(Listed(WATCH, Standing(), version))
    desk.put(Listed(replace(WATCH, expires_at=END + 1), Standing(), 5))
    assert len(desk._ends) == 2
    assert desk.expired(END + GRACE_MS) == []
    assert [event.watch_id for event in desk.expired(END + 1 + GRACE_MS)] == ["w"]
    assert desk.expired(END + 2 + GRACE_MS) == []


def test_an_end_that_passed_while_a_watch_was_away_is_told_when_it_is_back() -> None:
    desk = Desk()
    desk.put(Listed(WATCH, Standing(), 1))
    desk.remove("w")
    assert desk.expired(END + GRACE_MS) == []
    desk.put(Listed(WATCH, Standing(), 2))
    assert len(desk.expired(END + GRACE_MS)) == 1
    desk.remove("w")
    assert desk._expired == {}


def test_a_fire_is_kept_until_the_row_has_it() -> None:
    desk = Desk()
    desk.put(Listed(WATCH, Standing(), 1))
    first, second = ticks([99, 101])
    desk.tick(WATCH.place, first)
    (fire,) = desk.tick(WATCH.place, second)
    desk.put(Listed(replace(WATCH, side="short"), Standing(), 2))
    assert desk._fired.keys() == {"w"}
    desk.put(Listed(WATCH, Standing(fire.arm, fire.tick.at), 3))
    assert desk._fired == {}
    back, again = ticks([99, 101], start=second.at + 1)
    desk.tick(WATCH.place, back)
    assert [fire.arm for fire in desk.tick(WATCH.place, again)] == [2]
