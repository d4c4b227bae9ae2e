"""Match the levels of one analysis with those of the next, also when an anchor has left the window."""

from collections.abc import Iterable
from typing import Protocol


class MatchableLevel(Protocol):
    """What matching needs of a level: its id, its price, and the edges of its zone."""

    @property
    def level_id(self) -> str: ...
    @property
    def price(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...


def match(previous: Iterable[MatchableLevel], current: Iterable[MatchableLevel]) -> dict[str, str]:
    """Return level_id in `previous` -> level_id in `current`, one to one, for the levels that persist.

    An equal id is the same level. Of the others two are the same when each lies in the other's zone, the
    nearest in price first; a tie goes to the smaller ids, so that the order of the arguments' items does not
    matter.
    """
    old = {level.level_id: level for level in previous}
    new = {level.level_id: level for level in current}
    found = {name: name for name in old if name in new}
    near = sorted(
        (max(a.price / b.price, b.price / a.price), a.level_id, b.level_id)
        for a in old.values()
        for b in new.values()
        if a.level_id not in found and b.level_id not in found and _contain_each_other(a, b)
    )
    taken: set[str] = set()
    for _, was, now in near:
        if was not in found and now not in taken:
            found[was] = now
            taken.add(now)
    return found


def _contain_each_other(a: MatchableLevel, b: MatchableLevel) -> bool:
    return a.low <= b.price <= a.high and b.low <= a.price <= b.high
