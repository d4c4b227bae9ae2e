"""Published levels judged by what came after: as if they had been computed there and then, and nothing sooner."""

import numpy as np
import pytest

from levels import Candles, Params, analyze
from levels.evaluation.published import LEAST_PAST, Published, score
from levels.evaluation.synthetic import planted, walk
from levels.evaluation.walk_forward import OURS, Told, Walk, prices_of, walk_forward

HOUR = 3_600_000
WALK = Walk(window=400, step=40, horizon=60)


def published(candles: Candles, at: int, late: int = 0) -> Published:
    """The levels of the candles before `at`, told `late` ms after they closed."""
    past = candles[max(0, at - WALK.window) : at]
    told = Told(*prices_of(analyze(past).levels), float(past.close[-1]))
    return Published(int(candles.time[at - 1]) + HOUR + late, int(candles.time[at - 1]), told)


def moments(candles: Candles) -> list[int]:
    return list(range(WALK.window, len(candles) - WALK.horizon + 1, WALK.step))


@pytest.mark.parametrize("late", [0, 1, HOUR // 25])
def test_what_was_told_at_a_candles_close_is_judged_as_a_walk_judges_it(late: int) -> None:
    candles = planted(1, 1_500).candles
    scored = score(candles, [published(candles, at, late) for at in moments(candles)], walk=WALK)
    ours, walked = scored.trials, walk_forward(candles, Params(), WALK)
    for name in ("distance", "touched_at", "price", "outcomes"):
        told, again = (getattr(one, name)[one.kind == OURS] for one in (ours, walked))
        np.testing.assert_array_equal(told, again)
    assert scored.judged == len(moments(candles))


def test_placebos_stand_beside_and_planted_levels_beat_them() -> None:
    candles = planted(2, 2_500).candles
    trials = score(candles, [published(candles, at) for at in moments(candles)], walk=WALK).trials
    held = [trials.sample(kind, 0).held.mean() for kind in (OURS, 0, 1)]
    assert held[0] > max(held[1:])


def test_the_candle_under_way_judges_nothing_unless_it_had_hardly_begun() -> None:
    candles = walk(3, 900)
    late = published(candles, 500, HOUR // 2)
    scored = score(candles, [late], walk=WALK)
    assert (scored.trials.touched_at >= candles.time[501]).all()


def test_of_a_candle_that_was_analysed_twice_the_first_word_counts() -> None:
    candles = walk(3, 900)
    first, again = published(candles, 500), published(candles, 500, 60_000)
    once, twice = (score(candles, told, walk=WALK) for told in ([first], [again, first]))
    assert (twice.judged, len(twice.trials)) == (once.judged, len(once.trials))


def test_what_cannot_be_judged_is_counted() -> None:
    candles = walk(3, 900)
    ends = [len(candles) - WALK.horizon, len(candles) - WALK.horizon + 1, len(candles)]
    told = [published(candles, at) for at in (LEAST_PAST, *ends)]
    scored = score(candles[5:], told, walk=WALK)
    assert (scored.judged, scored.without_past, scored.too_young) == (1, 1, 2)


def test_nothing_published_is_nothing_to_say() -> None:
    assert len(score(walk(3, 900), [], walk=WALK).trials) == 0
