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


def widths(
    found: list[Pivot], ranges: list[float], tolerance: float, tolerance_atr: float, most: float
) -> list[float]:
    """Width of a zone about each pivot: it grows with the mean of the 64 true ranges up to the pivot's bar."""
    result = []
    for pivot in found:
        last = ranges[max(0, pivot.bar - 63) : pivot.bar + 1]
        result.append(max(tolerance, min(most, tolerance_atr * sum(last) / len(last))))
    return result


def anchors(
    found: list[Pivot],
    width: list[float],
    orders: tuple[int, ...],
    *,
    order: int,
    apart: float,
    minor_apart: float,
) -> list[Pivot]:
    """The pivots that found zones, by price: larger orders first, then older, none near another; then the extremes."""
    if not found:
        return []
    least = min(width)

    def clear(i: int) -> float:
        ratio = (1 + width[i]) / (1 + least)
        return max(min((1 + width[i]) ** 0.5 * (1 + 1e-9), 1 + 2 * apart), ratio**1.5)

    def near(i: int, j: int, gap: float) -> bool:
        a, b = found[i].price, found[j].price
        return max(a, b) < min(a, b) * gap

    def is_minor(i: int) -> bool:
        return max(found[i].windows) < min(order, orders[-1])

    def gap(i: int) -> float:
        return max(clear(i), 1 + (minor_apart if is_minor(i) else apart))

    confirmed = [i for i, pivot in enumerate(found) if pivot.windows]
    seniors = sorted(
        confirmed, key=lambda i: (orders[-1] not in found[i].windows, is_minor(i))
    )  # stable: older first
    chosen: list[int] = []
    for i in seniors:
        if not any(near(i, j, max(gap(i), gap(j))) for j in chosen):
            chosen.append(i)
    lows = [i for i, pivot in enumerate(found) if not pivot.is_high]
    highs = [i for i, pivot in enumerate(found) if pivot.is_high]
    extremes = [min(lows, key=lambda i: found[i].price)] if lows else []
    extremes += [max(highs, key=lambda i: found[i].price)] if highs else []
    for i in extremes:
        chosen = [j for j in chosen if j != i and not near(i, j, max(clear(i), clear(j)))]
    return sorted((found[i] for i in [*chosen, *extremes]), key=lambda p: p.price)


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
