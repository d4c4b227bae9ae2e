"""How much may go to the dead letters before it is a flood."""

import pytest

from broker.dead_letters.limit import JUDGED, FloodGauge, FloodLimit


def first_refused(limit: FloodLimit, kinds: str) -> int | None:
    """The position of the first record that may not pass; `x` cannot be read, `.` can."""
    gauge = FloodGauge(limit)
    for position, kind in enumerate(kinds):
        if kind == ".":
            gauge.good()
        elif gauge.bad():
            return position
    return None


HALF = JUDGED // 2


@pytest.mark.parametrize(
    ("limit", "kinds", "refused"),
    [
        (FloodLimit(3, 1.0), "xxx", None),
        (FloodLimit(3, 1.0), "xxxx", 3),
        (FloodLimit(3, 1.0), "xxx.xxx.xxx", None),
        (FloodLimit(3, 1.0), "xx.xxxx", 6),
        (FloodLimit(1, 1.0), "x.x.xx", 5),
        (FloodLimit(0, 1.0), "x" * 5_000, None),
        (FloodLimit(0, 0.5), "x" * (JUDGED - 1), None),  # too few to judge by
        (FloodLimit(0, 0.5), "x" * JUDGED, JUDGED - 1),
        (FloodLimit(0, 0.5), "x." * JUDGED, None),  # just half
        (FloodLimit(0, 0.5), "." * HALF + "x" * HALF, None),
        (FloodLimit(0, 0.5), "." * HALF + "x" * (HALF + 1), JUDGED),
        (FloodLimit(0, 0.5), "." * 10_000 + "x" * HALF, None),
        (FloodLimit(0, 0.5), "." * 10_000 + "x" * (HALF + 1), 10_000 + HALF),
        (FloodLimit(0, 0.001), "." * (JUDGED - 1) + "x", JUDGED - 1),
        (FloodLimit(), "x" * 101, 100),
    ],
)
def test_past_either_limit_nothing_more_passes(limit: FloodLimit, kinds: str, refused: int | None) -> None:
    assert first_refused(limit, kinds) == refused
