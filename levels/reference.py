"""The plain algorithm, taken literally, to compare with (`method="reference"`).

Extremes of every order, each counted once for every order that sees it and with those that later candles may
undo; highs apart from lows; sorted and chained while neighbours are within the tolerance; touches are their
number; the weights meet raw counts. It counts bars twice, lets zones grow as wide as the chain, and knows
nothing of visits: `bounces` and `breaks` are 0. Sides alone are put right, as every reader relies on them.
"""

from dataclasses import replace

import numpy as np

from levels.candles import Candles, FloatArray, IntArray
from levels.evidence import true_ranges
from levels.params import Params
from levels.pivots import Pivots, find_pivots
from levels.reach import REACH_24, REACH_100, measure_volatility, p_reach
from levels.results import Level, Side, round_significant
from levels.scoring import closeness, price_ratio


def reference_levels(candles: Candles, params: Params, last: float) -> tuple[Level, ...]:
    """Return at most `per_side` supports, then resistances, each best first; `last` is the last price."""
    pivots = find_pivots(candles.high, candles.low, params.windows)
    found = [
        level
        for kind in (~pivots.is_high, pivots.is_high)
        for level in _group_levels(candles, pivots, np.flatnonzero(kind), params, last)
    ]
    found.sort(key=lambda level: (-level.score, level.distance_pct, level.level_id))
    found = _with_reach(candles, found, last)
    sides: tuple[Side, Side] = ("support", "resistance")
    return tuple(level for side in sides for level in [x for x in found if x.side == side][: params.per_side])


def _group_levels(
    candles: Candles, pivots: Pivots, kind: IntArray, params: Params, last: float
) -> list[Level]:
    by_price = kind[np.argsort(pivots.price[kind], kind="stable")]
    price = pivots.price[by_price]
    breaks = np.flatnonzero(price[1:] > price[:-1] * (1.0 + params.tolerance)) + 1
    groups = np.split(by_price, breaks) if by_price.size else []
    return [
        _level(candles, pivots, group, params, last)
        for group in groups
        if _differs_from_last(pivots, group, last)
    ]


def _differs_from_last(pivots: Pivots, group: IntArray, last: float) -> bool:
    return round_significant(float(pivots.price[group].mean())) != last


def _level(candles: Candles, pivots: Pivots, group: IntArray, params: Params, last: float) -> Level:
    seen = pivots.windows[group] | pivots.provisional[group]
    bars = np.sort(pivots.bar[group])
    price = round_significant(float(pivots.price[group].mean()))
    origin: Side = "resistance" if pivots.is_high[group[0]] else "support"
    side: Side = "support" if price < last else "resistance"
    touches = int(np.bitwise_count(seen).sum())
    parts = {
        "touches": params.weight_touches * touches,
        "volume": params.weight_volume * _volume(candles.volume, bars),
        "distance": params.weight_distance * float(closeness(np.array([price]), last, params)[0]),
        "direction": params.weight_direction * (side == origin),
    }
    mask, time = int(np.bitwise_or.reduce(seen)), candles.time
    return Level(
        level_id=f"{'S' if origin == 'support' else 'R'}{int(time[bars[0]])}",
        side=side,
        origin_side=origin,
        price=price,
        low=round_significant(float(pivots.price[group].min())),
        high=round_significant(float(pivots.price[group].max())),
        score=round_significant(sum(parts.values())),
        score_parts={name: round_significant(part) for name, part in parts.items()},
        touches=touches,
        bounces=0,
        breaks=0,
        first_touch_at=int(time[bars[0]]),
        last_touch_at=int(time[bars[-1]]),
        confirmed_at=int(time[-1]),
        windows=tuple(order for k, order in enumerate(pivots.orders) if mask >> k & 1),
        distance_pct=round_significant(abs(price - last) / last * 100.0),
        known_at=int(time[bars[0]]),
        pivots=int(group.size),
    )


def _with_reach(candles: Candles, found: list[Level], last: float) -> list[Level]:
    volatility = measure_volatility(candles, true_ranges(candles))
    away = price_ratio(np.array([level.price for level in found], dtype=np.float64), last) - 1.0
    near, far = p_reach(away, volatility, REACH_24).tolist(), p_reach(away, volatility, REACH_100).tolist()
    return [
        replace(level, p_reach_24=round_significant(one), p_reach_100=round_significant(other))
        for level, one, other in zip(found, near, far, strict=True)
    ]


def _volume(volume: FloatArray, bars: IntArray) -> float:
    usual = float(volume.mean())
    return float(volume[bars].mean()) / usual if usual > 0 else 1.0
