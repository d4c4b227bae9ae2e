"""A watch from price to price, by table."""

from typing import Any

import pytest

from consumers.watcher.machine import step
from consumers.watcher.watch import Fire, Standing, Tick, Watch
from tests.support.watching import MINUTE, NOON_MS, PlainWatch, a_watch, ticks


def fires(watch: Watch, heard: list[Tick], standing: Standing | None = None) -> list[Fire]:
    standing, previous, fired = standing or Standing(), None, []
    for tick in heard:
        standing, fire = step(watch, standing, previous, tick)
        previous = tick
        if fire:
            fired.append(fire)
    return fired


def which(watch: Watch, prices: list[float], **apart: int) -> list[int]:
    """The numbers of the prices that fired."""
    heard = ticks(prices, **apart)
    return [heard.index(fire.tick) for fire in fires(watch, heard)]


@pytest.mark.parametrize(
    ("condition", "prices", "fired"),
    [
        ("touch", [99, 101], [1]),
        ("touch", [101, 99], [1]),
        ("touch", [100, 101, 102], []),  # made at its target: it must be away first
        ("touch", [100, 101, 100], [2]),
        ("cross_up", [101, 102, 103], []),  # made on the wrong side
        ("cross_up", [101, 99, 101], [2]),
        ("cross_up", [101, 100, 101], []),  # touched from above only
        ("cross_down", [99, 98, 101, 99], [3]),
        ("cross_up", [99, 101, 99, 101], [1]),  # once
    ],
)
def test_what_fires_once(condition: str, prices: list[float], fired: list[int]) -> None:
    assert which(a_watch(condition), prices) == fired


@pytest.mark.parametrize(
    ("fields", "prices", "fired"),
    [
        ({}, [99, 101, 102, 99, 101], [1, 3, 4]),
        ({"cooldown": 2_000}, [99, 101, 99, 101, 99], [1, 3]),
        ({"cooldown": 2_001}, [99, 101, 99, 101, 99], [1, 4]),
        # What passed while it rested is not told of later.
        ({"cooldown": 5_000}, [99, 101, 99, 99, 99, 99, 99, 99], [1]),
    ],
)
def test_what_fires_every_time(fields: dict[str, Any], prices: list[float], fired: list[int]) -> None:
    assert which(a_watch(once=False, **fields), prices) == fired


def test_every_arming_has_a_number() -> None:
    fired = fires(a_watch(once=False), ticks([99, 101, 99]))
    assert [fire.arm for fire in fired] == [1, 2]
    ids = {fire.event().fire_id for fire in fired}
    assert len(ids) == 2
    assert ids == {fire.event().fire_id for fire in fires(a_watch(once=False), ticks([99, 101, 99]))}


@pytest.mark.parametrize(
    ("condition", "prices", "fired"),
    [
        # A price each half minute: numbers 0 and 1 are the first candle, 2 and 3 the second.
        ("close_above", [99, 101, 99], [1]),
        ("close_above", [99, 100, 101], []),
        ("close_above", [99, 101], []),  # its candle is not over
        ("close_above", [101, 101, 101, 101], []),  # made on the wrong side
        ("close_above", [101, 101, 99, 101, 101], [3]),
        ("close_above", [101, 99, 101, 101, 101], [3]),
        ("close_below", [101, 99, 99], [1]),
        ("close_below", [99, 99, 101, 99, 99], [3]),
    ],
)
def test_a_close_takes_the_last_price_of_its_candle(
    condition: str, prices: list[float], fired: list[int]
) -> None:
    assert which(a_watch(condition), prices, apart=MINUTE // 2) == fired


def test_a_close_that_stays_beyond_fires_once_each_arming() -> None:
    watch = a_watch("close_above", once=False)
    assert which(watch, [99, 101, 101, 101, 99, 101, 101], apart=MINUTE // 2) == [1, 5]


def test_prices_of_before_the_watch_do_not_fire_it() -> None:
    heard = ticks([99, 101, 99, 101])
    assert [fire.tick for fire in fires(a_watch("cross_up", since=heard[2].told), heard)] == [heard[3]]
    assert fires(a_watch("cross_up", since=heard[1].told + 1), heard[:2]) == []


def test_the_price_just_before_the_watch_tells_where_it_begins() -> None:
    heard = ticks([99, 101])
    assert len(fires(a_watch("cross_up", since=heard[1].told), heard)) == 1


@pytest.mark.parametrize(("prices", "armed"), [([99, 101], False), ([101, 99], True)])
def test_of_the_prices_before_a_close_watch_the_last_arms_it(prices: list[float], armed: bool) -> None:
    standing, previous = Standing(), None
    for tick in ticks(prices):
        standing, _ = step(a_watch("close_above", since=NOON_MS + MINUTE), standing, previous, tick)
        previous = tick
    assert standing.was_armed(NOON_MS + MINUTE) is armed


def test_what_expired_does_not_fire() -> None:
    heard = ticks([99, 101])
    assert fires(a_watch(expires_at=heard[1].told), heard) == []
    assert len(fires(a_watch(expires_at=heard[1].told + 1), heard)) == 1


@pytest.mark.parametrize("condition", ["touch", "close_above"])
def test_prices_up_to_the_last_fire_read_again_fire_nothing(condition: str) -> None:
    """As after a crash: the fire is known, the prices before it come once more."""
    watch = a_watch(condition, once=False)
    heard = ticks([99, 101, 99, 101, 99, 101], apart=MINUTE // 2)
    fired = fires(watch, heard)
    for known in fired:
        after = [fire for fire in fired if fire.arm > known.arm]
        assert fires(watch, heard, Standing(known.arm, known.tick.at)) == after


def test_the_oracle_agrees_with_the_table() -> None:
    plain = PlainWatch(a_watch("cross_up"))
    for tick in ticks([101, 99, 101, 99, 101]):
        plain.hear(tick)
    assert plain.fired == [NOON_MS + 2_000]
