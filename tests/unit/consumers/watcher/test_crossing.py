"""When a price came to a target."""

import pytest

from consumers.watcher.crossing import beyond, crossed
from tests.support.watching import a_watch


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
        (None, 100.0, False, False, False),
        (None, 101.0, False, False, False),
    ],
)
def test_a_crossing_begins_away_from_the_target_and_reaches_it(
    previous: float | None, tick: float, touch: bool, cross_up: bool, cross_down: bool
) -> None:
    assert crossed(previous, tick, a_watch("touch")) is touch
    assert crossed(previous, tick, a_watch("cross_up")) is cross_up
    assert crossed(previous, tick, a_watch("cross_down")) is cross_down


@pytest.mark.parametrize("condition", ["close_above", "close_below"])
def test_no_crossing_is_a_close(condition: str) -> None:
    assert not crossed(99.0, 101.0, a_watch(condition))
    assert not crossed(101.0, 99.0, a_watch(condition))


@pytest.mark.parametrize(
    ("close", "above", "below"), [(101.0, True, False), (100.0, False, False), (99.0, False, True)]
)
def test_a_close_is_beyond_its_target_and_not_at_it(close: float, above: bool, below: bool) -> None:
    assert beyond(close, a_watch("close_above")) is above
    assert beyond(close, a_watch("close_below")) is below
