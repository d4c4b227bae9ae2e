"""A watch from price to price, by table."""

from typing import Any

import pytest

from consumers.watcher.transitions import advance, is_beyond, is_crossing
from consumers.watcher.watch import Fire, Tick, Watch, WatchState
from tests.support.watching import MINUTE, NOON_MS, NaiveWatch, a_watch, ticks


def fires(watch: Watch, prices: list[Tick], state: WatchState | None = None) -> list[Fire]:
    state, previous, fired = state or WatchState(), None, []
    for tick in prices:
        state, fire = advance(watch, state, previous, tick)
        previous = tick
        if fire:
            fired.append(fire)
    return fired


def fired_numbers(watch: Watch, prices: list[float], **apart: int) -> list[int]:
    """Return the numbers of the prices that fired."""
    series = ticks(prices, **apart)
    return [series.index(fire.tick) for fire in fires(watch, series)]


@pytest.mark.parametrize(
    ("condition", "prices", "fired"),
    [
        ("touch", [99, 101], [1]),
        ("touch", [101, 99], [1]),
        ("touch", [100, 101, 102], []),  # made at its target: price must be away first
        ("touch", [100, 101, 100], [2]),
        ("cross_up", [101, 102, 103], []),  # made on the wrong side
        ("cross_up", [101, 99, 101], [2]),
        ("cross_up", [101, 100, 101], []),  # touched from above only
        ("cross_down", [99, 98, 101, 99], [3]),
        ("cross_up", [99, 101, 99, 101], [1]),  # once
        # Within 1 percent of 100.
        ("approach", [98, 99], [1]),
        ("approach", [103, 101], [1]),
        ("approach", [98, 103], [1]),  # jumped over it
        ("approach", [99.5, 100, 100.5], []),  # made near it: price must be away first
        ("approach", [99.5, 101.5, 100.5], [2]),
    ],
)
def test_advance_fires_once_watch(condition: str, prices: list[float], fired: list[int]) -> None:
    assert fired_numbers(a_watch(condition), prices) == fired


@pytest.mark.parametrize(
    ("fields", "prices", "fired"),
    [
        ({}, [99, 101, 102, 99, 101], [1, 3, 4]),
        ({"cooldown": 2_000}, [99, 101, 99, 101, 99], [1, 3]),
        ({"cooldown": 2_001}, [99, 101, 99, 101, 99], [1, 4]),
        # What passed during the cooldown is not published later.
        ({"cooldown": 5_000}, [99, 101, 99, 99, 99, 99, 99, 99], [1]),
    ],
)
def test_advance_fires_repeating_watch(fields: dict[str, Any], prices: list[float], fired: list[int]) -> None:
    assert fired_numbers(a_watch(once=False, **fields), prices) == fired


def test_approach_fires_again_after_price_was_away_again() -> None:
    watch = a_watch("approach", once=False, within_pct=None, within_atr=0.5, atr=2.0)
    assert fired_numbers(watch, [98, 99, 100, 99, 98.9, 99, 102, 101]) == [1, 5, 7]


def test_advance_numbers_armings() -> None:
    fired = fires(a_watch(once=False), ticks([99, 101, 99]))
    assert [fire.arm for fire in fired] == [1, 2]
    ids = {fire.to_event().fire_id for fire in fired}
    assert len(ids) == 2
    assert ids == {fire.to_event().fire_id for fire in fires(a_watch(once=False), ticks([99, 101, 99]))}


def test_advance_never_fires_close_by_a_price() -> None:
    """The last price of a minute is not its close: trades may follow that no price showed."""
    watch = a_watch("close_below", once=False)
    assert fires(watch, ticks([101, 85, 85, 101, 85, 101], apart=MINUTE // 2)) == []


def test_advance_ignores_prices_before_the_watch() -> None:
    prices = ticks([99, 101, 99, 101])
    assert [fire.tick for fire in fires(a_watch("cross_up", since=prices[2].published_at), prices)] == [
        prices[3]
    ]
    assert fires(a_watch("cross_up", since=prices[1].published_at + 1), prices[:2]) == []


def test_advance_starts_from_last_price_before_the_watch() -> None:
    prices = ticks([99, 101])
    assert len(fires(a_watch("cross_up", since=prices[1].published_at), prices)) == 1


@pytest.mark.parametrize(("prices", "is_armed"), [([99, 101], False), ([101, 99], True)])
def test_advance_arms_close_by_last_price_before_the_watch(prices: list[float], is_armed: bool) -> None:
    state, previous = WatchState(), None
    for tick in ticks(prices):
        state, _ = advance(a_watch("close_above", since=NOON_MS + MINUTE), state, previous, tick)
        previous = tick
    assert state.is_armed_at(NOON_MS + MINUTE) is is_armed


def test_advance_does_not_fire_expired_watch() -> None:
    prices = ticks([99, 101])
    assert fires(a_watch(expires_at=prices[1].published_at), prices) == []
    assert len(fires(a_watch(expires_at=prices[1].published_at + 1), prices)) == 1


@pytest.mark.parametrize("condition", ["touch", "cross_up"])
def test_advance_fires_nothing_up_to_the_last_fire_on_replay(condition: str) -> None:
    """As after a crash: the fire is known, and the prices before it are delivered again."""
    watch = a_watch(condition, once=False)
    prices = ticks([99, 101, 99, 101, 99, 101], apart=MINUTE // 2)
    fired = fires(watch, prices)
    for known in fired:
        after = [fire for fire in fired if fire.arm > known.arm]
        assert fires(watch, prices, WatchState(known.arm, known.tick.traded_at)) == after


def test_oracle_agrees_with_the_table() -> None:
    oracles = NaiveWatch(a_watch("cross_up"))
    for tick in ticks([101, 99, 101, 99, 101]):
        oracles.process(tick)
    assert oracles.fired == [NOON_MS + 2_000]


@pytest.mark.parametrize(
    ("previous", "tick", "touch", "cross_up", "cross_down"),
    [
        (99.0, 101.0, True, True, False),
        (99.0, 100.0, True, True, False),
        (101.0, 99.0, True, False, True),
        (101.0, 100.0, True, False, True),
        (98.0, 99.0, False, False, False),
        (102.0, 101.0, False, False, False),
        (99.0, 99.0, False, False, False),
        (100.0, 101.0, False, False, False),
        (100.0, 99.0, False, False, False),
        (100.0, 100.0, False, False, False),
    ],
)
def test_is_crossing_starts_away_from_target_and_reaches_it(
    previous: float, tick: float, touch: bool, cross_up: bool, cross_down: bool
) -> None:
    assert is_crossing(previous, tick, a_watch("touch")) is touch
    assert is_crossing(previous, tick, a_watch("cross_up")) is cross_up
    assert is_crossing(previous, tick, a_watch("cross_down")) is cross_down


@pytest.mark.parametrize("condition", ["close_above", "close_below"])
def test_is_crossing_is_false_for_close_conditions(condition: str) -> None:
    assert not is_crossing(99.0, 101.0, a_watch(condition))
    assert not is_crossing(101.0, 99.0, a_watch(condition))


@pytest.mark.parametrize(
    ("close", "above", "below"), [(101.0, True, False), (100.0, False, False), (99.0, False, True)]
)
def test_is_beyond_excludes_the_target_itself(close: float, above: bool, below: bool) -> None:
    assert is_beyond(close, a_watch("close_above")) is above
    assert is_beyond(close, a_watch("close_below")) is below


@pytest.mark.parametrize("condition", ["touch", "cross_up", "cross_down"])
@pytest.mark.parametrize("price", [100.0, 101.0])
def test_advance_fires_nothing_by_the_first_price(condition: str, price: float) -> None:
    (first,) = ticks([price])
    assert advance(a_watch(condition), WatchState(), None, first).fire is None
