"""How much may go to the dead letters before it is a flood."""

import pytest

from broker.dead_letters.limit import WINDOW_RECORDS, DeadLetterLimit, DeadLetterLimiter


def first_refused(limit: DeadLetterLimit, kinds: str) -> int | None:
    """The position of the first record that may not pass; `x` cannot be read, `.` can."""
    gauge = DeadLetterLimiter(limit)
    for position, kind in enumerate(kinds):
        if kind == ".":
            gauge.record_ok()
        elif gauge.record_invalid():
            return position
    return None


HALF = WINDOW_RECORDS // 2


@pytest.mark.parametrize(
    ("limit", "kinds", "refused"),
    [
        (DeadLetterLimit(3, 1.0), "xxx", None),
        (DeadLetterLimit(3, 1.0), "xxxx", 3),
        (DeadLetterLimit(3, 1.0), "xxx.xxx.xxx", None),
        (DeadLetterLimit(3, 1.0), "xx.xxxx", 6),
        (DeadLetterLimit(1, 1.0), "x.x.xx", 5),
        (DeadLetterLimit(0, 1.0), "x" * 5_000, None),
        (DeadLetterLimit(0, 0.5), "x" * (WINDOW_RECORDS - 1), None),  # too few to judge by
        (DeadLetterLimit(0, 0.5), "x" * WINDOW_RECORDS, WINDOW_RECORDS - 1),
        (DeadLetterLimit(0, 0.5), "x." * WINDOW_RECORDS, None),  # just half
        (DeadLetterLimit(0, 0.5), "." * HALF + "x" * HALF, None),
        (DeadLetterLimit(0, 0.5), "." * HALF + "x" * (HALF + 1), WINDOW_RECORDS),
        (DeadLetterLimit(0, 0.5), "." * 10_000 + "x" * HALF, None),
        (DeadLetterLimit(0, 0.5), "." * 10_000 + "x" * (HALF + 1), 10_000 + HALF),
        (DeadLetterLimit(0, 0.001), "." * (WINDOW_RECORDS - 1) + "x", WINDOW_RECORDS - 1),
        (DeadLetterLimit(), "x" * 101, 100),
    ],
)
def test_limiter_stops_past_either_limit(limit: DeadLetterLimit, kinds: str, refused: int | None) -> None:
    assert first_refused(limit, kinds) == refused
