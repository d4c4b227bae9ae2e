"""Which levels the price meets next, on either side of it."""

from collections.abc import Iterable, Sequence

from schemas.events import Level
from schemas.http.results import NearestLevel, NearestLevels
from schemas.values import round_significant


def nearest(
    last: float, levels: Sequence[Level] | None, supports: Iterable[float], resistances: Iterable[float]
) -> NearestLevels:
    """Those of `levels`; of the bare prices where there are no levels, as in another backend's row.

    A level that `last` has passed is on the wrong side, and is none. Nor is there any near a price of 0 or less.
    """
    if last <= 0:
        return NearestLevels()
    if levels:
        return NearestLevels(
            support=_highest([_known(level, last) for level in levels if _holds(level, last)]),
            resistance=_lowest([_known(level, last) for level in levels if _caps(level, last)]),
        )
    return NearestLevels(
        support=_highest([_bare(price, last) for price in supports if 0 < price <= last]),
        resistance=_lowest([_bare(price, last) for price in resistances if price >= last]),
    )


def _holds(level: Level, last: float) -> bool:
    return level.side == "support" and 0 < level.price <= last


def _caps(level: Level, last: float) -> bool:
    return level.side == "resistance" and level.price >= last


def _highest(below: Sequence[NearestLevel]) -> NearestLevel | None:
    return max(below, key=lambda one: one.price, default=None)


def _lowest(above: Sequence[NearestLevel]) -> NearestLevel | None:
    return min(above, key=lambda one: one.price, default=None)


def _known(level: Level, last: float) -> NearestLevel:
    return NearestLevel(
        price=level.price,
        distance_pct=_distance(level.price, last),
        score=level.score,
        touches=level.touches,
        level_id=level.level_id,
        first_touch_at=level.first_touch_at,
    )


def _bare(price: float, last: float) -> NearestLevel:
    return NearestLevel(price=price, distance_pct=_distance(price, last))


def _distance(price: float, last: float) -> float:
    return round_significant(abs(price - last) / last * 100.0)
