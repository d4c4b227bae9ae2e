from hypothesis import given
from hypothesis import strategies as st

from api.results.nearest_levels import find_nearest
from schemas.events import Level
from tests.unit.api.results.test_views import LEVEL

PRICES = st.floats(0.01, 1e6)


def level(level_id: str, side: str, price: float) -> Level:
    return Level.model_validate(LEVEL | {"level_id": level_id, "side": side, "price": price})


def test_nearest_level_has_its_evidence() -> None:
    found = find_nearest(
        100.0, [level("far", "support", 80.0), level("near", "support", 99.0)], [70.0], [101.0]
    )
    assert found.support is not None
    assert (found.support.level_id, found.support.price, found.support.distance_pct) == ("near", 99.0, 1.0)
    assert (found.support.score, found.support.touches) == (LEVEL["score"], LEVEL["touches"])
    assert found.resistance is None


def test_nearest_level_is_found_among_bare_prices() -> None:
    found = find_nearest(100.0, None, [80.0, 95.0], [120.0, 110.0])
    assert found.support is not None
    assert found.resistance is not None
    assert (found.support.price, found.support.distance_pct, found.support.score) == (95.0, 5.0, None)
    assert found.resistance.price == 110.0


def test_nearest_levels_are_empty_for_a_price_of_zero() -> None:
    found = find_nearest(0.0, None, [1.0], [2.0])
    assert (found.support, found.resistance) == (None, None)


@given(PRICES, st.lists(PRICES), st.lists(PRICES))
def test_nearest_level_is_on_its_side_and_no_other_is_nearer(
    last: float, supports: list[float], resistances: list[float]
) -> None:
    found = find_nearest(last, None, supports, resistances)
    below = [price for price in supports if price <= last]
    above = [price for price in resistances if price >= last]
    assert (found.support.price if found.support else None) == max(below, default=None)
    assert (found.resistance.price if found.resistance else None) == min(above, default=None)
