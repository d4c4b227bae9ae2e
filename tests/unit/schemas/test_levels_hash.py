from consumers.tracker.closes import to_tracked
from schemas.candles.levels_hash import hash_levels
from schemas.events import AnalysisCompleted
from tests.support.events import make_completed, make_level

ONE, TWO = make_level(64_000.5, level_id="S1"), make_level(66_000.25, level_id="R1")


def test_levels_hash_is_equal_for_a_result_its_json_and_a_tracked_state() -> None:
    result = make_completed(levels=(ONE, TWO))
    read = AnalysisCompleted.model_validate_json(result.model_dump_json())
    assert hash_levels(read.levels) == hash_levels((TWO, ONE)) == hash_levels(map(to_tracked, (ONE, TWO)))


def test_levels_hash_follows_what_happened_at_a_level_and_no_distance() -> None:
    touched = ONE.model_copy(update={"touches": ONE.touches + 1})
    farther = ONE.model_copy(update={"distance_pct": ONE.distance_pct + 1.0, "score": 0.5})
    assert hash_levels([touched]) != hash_levels([ONE]) == hash_levels([farther])
