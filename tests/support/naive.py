"""Oracles so plain that they need no test: the words of the design, bar by bar, with no thought for speed."""

from dataclasses import dataclass


def stands_out(values: list[float], i: int, order: int, *, plateaus: bool = False) -> bool:
    """Whether values[i] is above every value within `order` (the bars there are)."""
    before = values[max(0, i - order) : i]
    after = values[i + 1 : i + 1 + order]
    if plateaus:
        return all(values[i] > v for v in before) and all(values[i] >= v for v in after)
    return all(values[i] > v for v in before + after)


@dataclass(frozen=True)
class Pivot:
    bar: int
    is_high: bool
    price: float
    windows: tuple[int, ...]
    provisional: tuple[int, ...]


def pivots(
    high: list[float], low: list[float], orders: tuple[int, ...], *, plateaus: bool = False
) -> list[Pivot]:
    """Every pivot in order of time, a bar's high before its low."""
    found = []
    for i in range(len(high)):
        for is_high, values in ((True, high), (False, [-v for v in low])):
            seen = [o for o in orders if stands_out(values, i, o, plateaus=plateaus)]
            sure = tuple(o for o in seen if o <= i < len(high) - o)
            unsure = tuple(o for o in seen if o not in sure)
            if seen:
                found.append(Pivot(i, is_high, high[i] if is_high else low[i], sure, unsure))
    return found
