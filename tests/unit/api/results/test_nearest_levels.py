from hypothesis import given
from hypothesis import strategies as st

from api.results.nearest_levels import find_nearest
from schemas.events import Level
from tests.unit.api.results.test_views import LEVEL

PRICES = st.floats(0.01, 1e6)


def make_level(level_id: str, side: str, price: float) -> Level:
    return Level.model_validate(LEVEL | {"level_id": level_id, "side": side, "price": price})


def test_nearest_level_has_its_evidence() -> None:
    nearest = find_nearest(
        100.0, [make_level("far", "support", 80.0), make_level("near", "support", 99.0)], [70.0], [101.0]
    )
    assert nearest.support is not None
    assert (nearest.support.level_id, nearest.support.price, nearest.support.distance_pct) == (
        "near",
        99.0,
        1.0,
    )
    assert (nearest.support.score, nearest.support.touches) == (LEVEL["score"], LEVEL["touches"])
    assert nearest.resistance is None


def test_nearest_level_is_found_among_bare_prices() -> None:
    nearest = find_nearest(100.0, None, [80.0, 95.0], [120.0, 110.0])
    assert nearest.support is not None
    assert nearest.resistance is not None
    assert (nearest.support.price, nearest.support.distance_pct, nearest.support.score) == (95.0, 5.0, None)
    assert nearest.resistance.price == 110.0


def test_nearest_levels_are_empty_for_a_price_of_zero() -> None:
    nearest = find_nearest(0.0, None, [1.0], [2.0])
    assert (nearest.support, nearest.resistance) == (None, None)


@given(PRICES, st.lists(PRICES), st.lists(PRICES))
def test_nearest_level_is_on_its_side_and_no_other_is_nearer(
    last: float, supports: list[float], resistances: list[float]
) -> None:
    nearest = find_nearest(last, None, supports, resistances)
    below = [price for price in supports if price <= last]
    above = [price for price in resistances if price >= last]
    assert (nearest.support.price if nearest.support else None) == max(below, default=None)
    assert (nearest.resistance.price if nearest.resistance else None) == min(above, default=None)
