"""match: ids first, then place."""

from dataclasses import replace

from levels import Level, analyze, match
from levels.evaluation.synthetic import walk


def level(name: str, price: float) -> Level:
    some = analyze(walk(1)).levels[0]
    return replace(some, level_id=name, price=price, low=price * 0.9975, high=price * 1.0025)


def test_an_equal_id_is_the_same_level_wherever_it_lies() -> None:
    assert match([level("S1", 100)], [level("S2", 100), level("S1", 150)]) == {"S1": "S1"}


def test_without_its_id_a_level_is_found_by_its_place() -> None:
    assert match([level("S1", 100)], [level("R9", 100.1), level("R8", 100.2)]) == {"S1": "R9"}


def test_a_level_elsewhere_is_another() -> None:
    assert match([level("S1", 100)], [level("S2", 101)]) == {}


def test_matching_is_one_to_one_and_does_not_hang_on_order() -> None:
    old = [level("S1", 100), level("S2", 100.2)]
    new = [level("S3", 100.15), level("S4", 100.05)]
    assert match(old, new) == match(old[::-1], new[::-1]) == {"S1": "S4", "S2": "S3"}


def test_a_sliding_window_keeps_most_levels_by_id_and_more_by_place() -> None:
    series = walk(2, 2200)
    before, after = analyze(series[:2000]).levels, analyze(series[20:2020]).levels
    found = match(before, after)
    assert len(found) >= 0.8 * len(before)
    assert sum(was == now for was, now in found.items()) >= 0.7 * len(before)
