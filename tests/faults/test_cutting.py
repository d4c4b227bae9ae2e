"""The cuts of the stream are as long as promised."""

from random import Random

from tests.support.faults.cutting import CUTS, LONGEST, draw_cuts


def test_cuts_take_from_one_second_to_five_minutes() -> None:
    cuts = list(draw_cuts(Random(1), CUTS))
    assert len(cuts) == CUTS
    assert (min(cuts), max(cuts)) == (1.0, LONGEST)
    assert sum(1 for seconds in cuts if seconds < LONGEST**0.5) > CUTS // 4
