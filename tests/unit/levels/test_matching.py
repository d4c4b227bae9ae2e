"""match: ids first, then place."""

from dataclasses import replace

from levels import Level, analyze, match
from levels.evaluation.synthetic import make_random_walk


def level(name: str, price: float) -> Level:
    some = analyze(make_random_walk(1)).levels[0]
    return replace(some, level_id=name, price=price, low=price * 0.9975, high=price * 1.0025)


def test_match_prefers_an_equal_id() -> None:
    assert match([level("S1", 100)], [level("S2", 100), level("S1", 150)]) == {"S1": "S1"}


def test_match_finds_a_level_by_its_zone() -> None:
    assert match([level("S1", 100)], [level("R9", 100.1), level("R8", 100.2)]) == {"S1": "R9"}


def test_match_ignores_a_level_elsewhere() -> None:
    assert match([level("S1", 100)], [level("S2", 101)]) == {}


def test_match_is_one_to_one_and_independent_of_order() -> None:
    old = [level("S1", 100), level("S2", 100.2)]
    new = [level("S3", 100.15), level("S4", 100.05)]
    assert match(old, new) == match(old[::-1], new[::-1]) == {"S1": "S4", "S2": "S3"}


def test_match_follows_levels_in_a_sliding_window() -> None:
    series = make_random_walk(2, 2200)
    before, after = analyze(series[:2000]).levels, analyze(series[20:2020]).levels
    found = match(before, after)
    assert len(found) >= 0.8 * len(before)
    assert sum(was == now for was, now in found.items()) >= 0.7 * len(before)
