"""Naive oracles: the definitions of docs/levels.md bar by bar, without regard to speed."""

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


def anchors(found: list[Pivot], tolerance: float, apart: float) -> list[Pivot]:
    """The confirmed pivots that found zones, by price: larger orders first, then older, none near another."""
    confirmed = [p for p in found if p.windows]
    seniors = sorted(confirmed, key=lambda p: -len(p.windows))  # a stable sort: the older first
    chosen: list[Pivot] = []
    for pivot in seniors:
        ratios = [max(pivot.price, other.price) / min(pivot.price, other.price) for other in chosen]
        if all(ratio >= 1 + max(apart, tolerance) for ratio in ratios):
            chosen.append(pivot)
    return sorted(chosen, key=lambda p: p.price)


@dataclass(frozen=True)
class Visit:
    first: int
    last: int
    from_above: bool
    outcome: str


def visits(
    bars: list[tuple[float, float, float]],
    anchor: Pivot,
    zone: tuple[float, float],
    atr: list[float],
    leave_atr: float,
) -> list[Visit]:
    """Visits to one zone since its anchor; bars are (high, low, close), a bar at a time, as the definition reads."""
    bottom, top = zone
    width = top / bottom
    found: list[Visit] = []
    entered: int | None = None
    from_above = not anchor.is_high
    for i in range(anchor.bar, len(bars)):
        high, low, close = bars[i]
        trades_there = high >= bottom and low <= top
        step = 1 + leave_atr * atr[i]
        gone = not trades_there and (close / step > top * width or close * step < bottom / width)
        if entered is None and trades_there:
            entered = i
            if i != anchor.bar:
                from_above = bars[i - 1][2] > top
        elif entered is not None and gone:
            outcome = "bounced" if (close > top) == from_above else "broke"
            found.append(Visit(entered, i - 1, from_above, outcome))
            entered = None
    if entered is not None:
        found.append(Visit(entered, len(bars) - 1, from_above, "undecided"))
    return found
