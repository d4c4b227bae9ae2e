"""When a partition is held, and when it is let go."""

import pytest

from broker.consumer.backpressure import Turn, turn
from broker.ports import Partition

P, Q = Partition("t", 0), Partition("t", 1)
NOTHING: frozenset[Partition] = frozenset()


@pytest.mark.parametrize(
    ("span", "paused", "expected"),
    [
        (9, False, Turn(NOTHING, NOTHING)),
        (10, False, Turn(frozenset({P}), NOTHING)),
        (11, True, Turn(NOTHING, NOTHING)),
        (6, True, Turn(NOTHING, NOTHING)),
        (5, True, Turn(NOTHING, frozenset({P}))),
        (0, True, Turn(NOTHING, frozenset({P}))),
        (0, False, Turn(NOTHING, NOTHING)),
    ],
)
def test_pausing_at_the_limit_and_resuming_at_half(span: int, paused: bool, expected: Turn) -> None:
    assert turn({P: span}, {P} if paused else set(), limit=10) == expected


def test_each_partition_for_itself() -> None:
    assert turn({P: 10, Q: 1}, {Q}, limit=10) == Turn(frozenset({P}), frozenset({Q}))


def test_a_limit_of_one_lets_go_only_of_what_is_done() -> None:
    assert turn({P: 1}, {P}, limit=1) == Turn(NOTHING, NOTHING)
    assert turn({P: 0}, {P}, limit=1) == Turn(NOTHING, frozenset({P}))
