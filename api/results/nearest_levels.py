"""The levels that the price reaches next, one on each side. Pure."""

from collections.abc import Iterable, Sequence
from operator import attrgetter

from schemas.events import Level
from schemas.http.results import NearestLevel, NearestLevels
from schemas.values import round_significant


def find_nearest(
    last: float, levels: Sequence[Level] | None, supports: Iterable[float], resistances: Iterable[float]
) -> NearestLevels:
    """Return the nearest of `levels`; of the bare prices where there are no levels, as in rows of other backends.

    Levels that `last` has passed are on the wrong side and do not count. A `last` of 0 or less has no neighbours.
    """
    if last <= 0:
        return NearestLevels()
    if levels:
        return NearestLevels(
            support=_from_level(_highest(level for level in levels if _is_below(level, last)), last),
            resistance=_from_level(_lowest(level for level in levels if _is_above(level, last)), last),
        )
    return NearestLevels(
        support=_from_price(max((price for price in supports if 0 < price <= last), default=None), last),
        resistance=_from_price(min((price for price in resistances if price >= last), default=None), last),
    )


def _is_below(level: Level, last: float) -> bool:
    return level.side == "support" and 0 < level.price <= last


def _is_above(level: Level, last: float) -> bool:
    return level.side == "resistance" and level.price >= last


def _highest(levels: Iterable[Level]) -> Level | None:
    return max(levels, key=attrgetter("price"), default=None)


def _lowest(levels: Iterable[Level]) -> Level | None:
    return min(levels, key=attrgetter("price"), default=None)


def _from_level(level: Level | None, last: float) -> NearestLevel | None:
    if level is None:
        return None
    # The level's own distance is from the price of its analysis.
    nearest = NearestLevel.model_validate(level)
    return nearest.model_copy(update={"distance_pct": _distance(level.price, last)})


def _from_price(price: float | None, last: float) -> NearestLevel | None:
    return None if price is None else NearestLevel(price=price, distance_pct=_distance(price, last))


def _distance(price: float, last: float) -> float:
    return round_significant(abs(price - last) / last * 100.0)
