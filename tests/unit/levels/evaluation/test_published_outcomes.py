"""Published levels judged by what came after: as if they had been computed there and then, and nothing sooner."""

import numpy as np
import pytest

from levels import Candles, Params, analyze
from levels.evaluation.published_outcomes import MIN_PAST, Publication, evaluate_publications
from levels.evaluation.synthetic import make_planted_market, make_random_walk
from levels.evaluation.walk_forward import OURS, ReportedLevels, WalkSettings, prices_and_sides, walk_forward

HOUR = 3_600_000
WALK = WalkSettings(window=400, step=40, horizon=60)


def published(candles: Candles, at: int, late: int = 0) -> Publication:
    """Publish the levels of the candles before `at`, `late` ms after they closed."""
    past = candles[max(0, at - WALK.window) : at]
    reported = ReportedLevels(*prices_and_sides(analyze(past).levels), float(past.close[-1]))
    return Publication(int(candles.time[at - 1]) + HOUR + late, int(candles.time[at - 1]), reported)


def moments(candles: Candles) -> list[int]:
    return list(range(WALK.window, len(candles) - WALK.horizon + 1, WALK.step))


@pytest.mark.parametrize("late", [0, 1, HOUR // 25])
def test_publication_at_a_close_is_evaluated_as_in_walk_forward(late: int) -> None:
    candles = make_planted_market(1, 1_500).candles
    scored = evaluate_publications(
        candles, [published(candles, at, late) for at in moments(candles)], walk=WALK
    )
    ours, walked = scored.trials, walk_forward(candles, Params(), WALK)
    for name in ("distance", "touched_at", "price", "outcomes"):
        reported, again = (getattr(one, name)[one.kind == OURS] for one in (ours, walked))
        np.testing.assert_array_equal(reported, again)
    assert scored.judged == len(moments(candles))


def test_published_planted_levels_beat_their_placebos() -> None:
    candles = make_planted_market(2, 2_500).candles
    trials = evaluate_publications(
        candles, [published(candles, at) for at in moments(candles)], walk=WALK
    ).trials
    held = [trials.sample(kind, 0).held.mean() for kind in (OURS, 0, 1)]
    assert held[0] > max(held[1:])


def test_publication_is_not_evaluated_on_the_running_candle() -> None:
    candles = make_random_walk(3, 900)
    late = published(candles, 500, HOUR // 2)
    scored = evaluate_publications(candles, [late], walk=WALK)
    assert (scored.trials.touched_at >= candles.time[501]).all()


def test_first_publication_of_a_candle_counts() -> None:
    candles = make_random_walk(3, 900)
    first, again = published(candles, 500), published(candles, 500, 60_000)
    once, twice = (
        evaluate_publications(candles, reported, walk=WALK) for reported in ([first], [again, first])
    )
    assert (twice.judged, len(twice.trials)) == (once.judged, len(once.trials))


def test_publications_that_cannot_be_evaluated_are_counted() -> None:
    candles = make_random_walk(3, 900)
    ends = [len(candles) - WALK.horizon, len(candles) - WALK.horizon + 1, len(candles)]
    reported = [published(candles, at) for at in (MIN_PAST, *ends)]
    scored = evaluate_publications(candles[5:], reported, walk=WALK)
    assert (scored.judged, scored.without_past, scored.too_young) == (1, 1, 2)


def test_no_publications_give_no_trials() -> None:
    assert len(evaluate_publications(make_random_walk(3, 900), [], walk=WALK).trials) == 0
