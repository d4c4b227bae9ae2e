"""What enters and leaves the answer to a question."""

from api.levels.membership import Membership
from api.levels.question import NearAnswer, NearHit
from api.levels.stored_levels import to_stored
from tests.support.events import CANDLE, make_level, make_market


def hit(level_id: str) -> NearHit:
    published = make_level(99.0, level_id=level_id, last_price=100.0)
    level = to_stored(make_market("BTCUSDT"), published, 100.0, CANDLE)
    return NearHit(level, "support", 1.0, None, 100.0, True)


def answer(*level_ids: str) -> NearAnswer:
    return NearAnswer([hit(level_id) for level_id in level_ids], len(level_ids))


def test_first_answer_enters_even_if_it_is_empty() -> None:
    change = Membership().update(answer())
    assert change is not None
    assert (change.entered, change.left, change.total) == ([], [], 0)


def test_change_has_what_entered_and_left() -> None:
    membership = Membership()
    membership.update(answer("S1", "S2"))
    change = membership.update(answer("S3", "S2"))
    assert change is not None
    assert [one.level.level_id for one in change.entered] == ["S3"]
    assert [one.level.level_id for one in change.left] == ["S1"]


def test_same_levels_in_another_order_are_no_change() -> None:
    membership = Membership()
    membership.update(answer("S1", "S2"))
    assert membership.update(answer("S2", "S1")) is None
