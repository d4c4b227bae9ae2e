"""When a partition is held, and when it is let go."""

import pytest

from broker.consumer.backpressure import PauseResume, pause_resume
from broker.ports import Partition

P, Q = Partition("t", 0), Partition("t", 1)
NOTHING: frozenset[Partition] = frozenset()


@pytest.mark.parametrize(
    ("span", "paused", "expected"),
    [
        (9, False, PauseResume(NOTHING, NOTHING)),
        (10, False, PauseResume(frozenset({P}), NOTHING)),
        (11, True, PauseResume(NOTHING, NOTHING)),
        (6, True, PauseResume(NOTHING, NOTHING)),
        (5, True, PauseResume(NOTHING, frozenset({P}))),
        (0, True, PauseResume(NOTHING, frozenset({P}))),
        (0, False, PauseResume(NOTHING, NOTHING)),
    ],
)
def test_pause_resume_pauses_at_the_window_and_resumes_at_half(
    span: int, paused: bool, expected: PauseResume
) -> None:
    assert pause_resume({P: span}, {P} if paused else set(), limit=10) == expected


def test_pause_resume_decides_for_each_partition() -> None:
    assert pause_resume({P: 10, Q: 1}, {Q}, limit=10) == PauseResume(frozenset({P}), frozenset({Q}))


def test_pause_resume_with_a_window_of_one_resumes_when_nothing_is_unfinished() -> None:
    assert pause_resume({P: 1}, {P}, limit=1) == PauseResume(NOTHING, NOTHING)
    assert pause_resume({P: 0}, {P}, limit=1) == PauseResume(NOTHING, frozenset({P}))
