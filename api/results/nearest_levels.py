"""The levels that the price reaches next, one on each side. Pure."""

from collections.abc import Iterable, Sequence

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
            support=_highest([_from_level(level, last) for level in levels if _is_below(level, last)]),
            resistance=_lowest([_from_level(level, last) for level in levels if _is_above(level, last)]),
        )
    return NearestLevels(
        support=_highest([_from_price(price, last) for price in supports if 0 < price <= last]),
        resistance=_lowest([_from_price(price, last) for price in resistances if price >= last]),
    )


def _is_below(level: Level, last: float) -> bool:
    return level.side == "support" and 0 < level.price <= last


def _is_above(level: Level, last: float) -> bool:
    return level.side == "resistance" and level.price >= last


def _highest(levels: Sequence[NearestLevel]) -> NearestLevel | None:
    return max(levels, key=lambda level: level.price, default=None)


def _lowest(levels: Sequence[NearestLevel]) -> NearestLevel | None:
    return min(levels, key=lambda level: level.price, default=None)


def _from_level(level: Level, last: float) -> NearestLevel:
    # The level's own distance is from the price of its analysis.
    nearest = NearestLevel.model_validate(level)
    return nearest.model_copy(update={"distance_pct": _distance(level.price, last)})


def _from_price(price: float, last: float) -> NearestLevel:
    return NearestLevel(price=price, distance_pct=_distance(price, last))


def _distance(price: float, last: float) -> float:
    return round_significant(abs(price - last) / last * 100.0)
