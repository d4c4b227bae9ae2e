"""diff and fold: the changes between two publications of levels, and the way back."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from levels.lifecycle import LevelChange, TrackedLevel, diff, fold


def level(name: str = "S1", price: float = 100.0, **changed: object) -> TrackedLevel:
    base = TrackedLevel(
        name, "support", "support", price, price * 0.995, price * 1.005, 3, 2, 0, 1_000, 2_000
    )
    return replace(base, **changed)  # type: ignore[arg-type]


def kinds(previous: list[TrackedLevel], current: list[TrackedLevel], price: float = 110.0) -> list[str]:
    return [change.kind for change in diff(previous, current, last_price=price)]


def only(previous: list[TrackedLevel], current: list[TrackedLevel], **options: float) -> LevelChange:
    (change,) = diff(previous, current, **{"last_price": 110.0, **options})  # type: ignore[arg-type]
    return change


LEVELS = st.builds(
    TrackedLevel,
    level_id=st.sampled_from(["S1", "S2", "R1", "R2", "R3"]),
    side=st.sampled_from(["support", "resistance"]),
    origin_side=st.sampled_from(["support", "resistance"]),
    price=st.sampled_from([99.0, 100.0, 100.3, 104.0]),
    low=st.sampled_from([98.0, 99.5]),
    high=st.sampled_from([100.5, 105.0]),
    touches=st.integers(1, 4),
    bounces=st.integers(0, 3),
    breaks=st.integers(0, 3),
    first_touch_at=st.integers(0, 3),
    last_touch_at=st.integers(3, 6),
)
PUBLICATIONS = st.lists(LEVELS, max_size=5, unique_by=lambda each: each.level_id)


@given(st.lists(PUBLICATIONS, max_size=6), st.floats(90, 110))
def test_folding_the_differences_gives_every_publication(
    publications: list[list[TrackedLevel]], price: float
) -> None:
    folded: dict[str, TrackedLevel] = {}
    previous: list[TrackedLevel] = []
    for current in publications:
        folded = fold(folded, diff(previous, current, last_price=price, oldest_candle=2))
        assert folded == {each.level_id: each for each in current}
        previous = current


@given(PUBLICATIONS)
def test_equal_publications_do_not_differ(levels: list[TrackedLevel]) -> None:
    assert diff(levels, levels[::-1], last_price=100.0) == []


@given(PUBLICATIONS, PUBLICATIONS)
def test_folding_twice_changes_nothing(before: list[TrackedLevel], after: list[TrackedLevel]) -> None:
    changes = diff(before, after, last_price=100.0)
    once = fold({each.level_id: each for each in before}, changes)
    assert fold(once, changes) == once


def test_visit_is_a_touch_then_its_outcome() -> None:
    met = level(touches=4, last_touch_at=3_000)
    assert kinds([level()], [met]) == ["touched"]
    assert kinds([met], [replace(met, bounces=3)]) == ["bounced"]
    assert kinds([met], [replace(met, breaks=1, side="resistance")]) == ["broke", "flipped"]
    assert kinds([level()], [replace(met, bounces=3)]) == ["touched", "bounced"]


def test_level_that_no_candle_could_change_is_revised() -> None:
    ended, begun = diff([level()], [level(touches=2)], last_price=110.0)
    assert (ended.kind, ended.reason, begun.kind, begun.touches) == ("retired", "revised", "appeared", 2)


def test_level_under_another_id_is_continued() -> None:
    ended, begun = diff([level()], [level("R9", 100.1)], last_price=110.0)
    assert (ended.reason, ended.linked_id, begun.linked_id) == ("continued", "R9", "S1")


@pytest.mark.parametrize(
    ("current", "options", "reason"),
    [
        ([], {"oldest_candle": 1_001}, "aged"),
        ([], {"last_price": 99.0}, "passed"),
        ([level("S2", 50.0)], {}, "outranked"),
        ([], {}, "unfit"),
    ],
)
def test_retired_level_names_a_reason(
    current: list[TrackedLevel], options: dict[str, float], reason: str
) -> None:
    changes = diff([level()], current, **{"last_price": 110.0, **options})  # type: ignore[arg-type]
    assert changes[0].reason == reason


def test_level_is_outranked_by_one_that_flipped_to_its_side() -> None:
    other = level("R5", 120.0, side="resistance")
    ended = diff([level(), other], [replace(other, side="support")], last_price=125.0)[0]
    assert (ended.level_id, ended.reason) == ("S1", "outranked")


def test_appearance_without_counts_is_refused() -> None:
    with pytest.raises(ValueError, match="S1"):
        fold({}, [LevelChange("appeared", "S1", "support", "support", 1.0, 1.0, 1.0)])


def test_change_of_an_unknown_level_is_ignored() -> None:
    assert fold({}, [only([level()], [level(touches=4, last_touch_at=3_000)])]) == {}
