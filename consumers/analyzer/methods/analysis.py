"""Make an Analysis of what a method returned: checked, sided, and with the probability of being reached."""

from collections.abc import Sequence
from functools import lru_cache
from math import isfinite

import numpy as np

from consumers.analyzer.methods.errors import MethodFailed
from consumers.analyzer.methods.process import MethodProcess
from consumers.analyzer.methods.registry import find_method
from levels import Analysis, Candles, Level, Params
from levels.evidence import true_ranges
from levels.reach import REACH_24, REACH_100, measure_volatility, p_reach
from levels.results import Side, round_significant
from levels.scoring import price_ratio

MAX_LEVELS = 1000
HALF_WIDTH = 1.0025
"""Zones of a method that gives none reach a quarter of a percent to each side."""

Row = tuple[float | None, ...]


def analyze_with(
    method: str, candles: Candles, params: Params, *, last_price: float | None = None
) -> Analysis:
    """Run the installed method `plugin:NAME` in its process. Raises UnknownMethod and MethodFailed."""
    rows = _process_of(find_method(method)).call(candles)
    return to_analysis(method, rows, candles, params, last_price)


@lru_cache(maxsize=32)
def _process_of(target: str) -> MethodProcess:
    return MethodProcess(target)


def to_analysis(
    method: str, rows: Sequence[Row], candles: Candles, params: Params, last_price: float | None = None
) -> Analysis:
    """Return at most `per_side` levels a side, in the method's order. Raises MethodFailed for what is no level."""
    if len(rows) > MAX_LEVELS:
        raise MethodFailed(f"{method} returned {len(rows)} levels, more than {MAX_LEVELS}")
    last = round_significant(float(candles.close[-1]) if last_price is None else float(last_price))
    checked = [_check(method, row) for row in rows]
    prices = np.array([row[0] for row in checked], dtype=np.float64)
    volatility = measure_volatility(candles, true_ranges(candles))
    away = price_ratio(prices, last) - 1.0
    near, far = p_reach(away, volatility, REACH_24), p_reach(away, volatility, REACH_100)
    sides: dict[Side, dict[str, Level]] = {"support": {}, "resistance": {}}
    for row, within_24, within_100 in zip(checked, near.tolist(), far.tolist(), strict=True):
        level = _level(row, candles, last, within_24, within_100)
        if level.price != last:
            sides[level.side].setdefault(level.level_id, level)
    levels = tuple(level for side in sides.values() for level in list(side.values())[: params.per_side])
    return Analysis(
        levels=levels,
        last_price=last,
        candle_at=int(candles.time[-1]),
        input_limit=len(candles),
        algorithm=method,
        params_hash=params.hash,
        candles_hash=candles.digest(last),
        reason=None if levels else f"{method} found no level",
    )


def _check(method: str, row: Row) -> tuple[float, float, float, float]:
    price, low, high, score = row
    if price is None or not isfinite(price) or not price > 0:
        raise MethodFailed(f"{method} returned the price {price}: a level has a positive price")
    low = price / HALF_WIDTH if low is None else low
    high = price * HALF_WIDTH if high is None else high
    if not (0 < low <= price <= high) or not isfinite(high):
        raise MethodFailed(f"{method} returned the zone {low} to {high} about {price}")
    score = 0.0 if score is None else score
    if not isfinite(score):
        raise MethodFailed(f"{method} returned the score {score} for the level at {price}")
    return price, low, high, score


def _level(
    row: tuple[float, float, float, float], candles: Candles, last: float, within_24: float, within_100: float
) -> Level:
    price, low, high, score = (round_significant(value) for value in row)
    side: Side = "support" if price < last else "resistance"
    now = int(candles.time[-1])
    return Level(
        level_id=f"P{price:.12g}",
        side=side,
        origin_side=side,
        price=price,
        low=low,
        high=high,
        score=score,
        score_parts={"touches": score, "volume": 0.0, "distance": 0.0, "direction": 0.0},
        touches=0,
        bounces=0,
        breaks=0,
        first_touch_at=now,
        last_touch_at=now,
        confirmed_at=now,
        windows=(),
        distance_pct=round_significant(abs(price - last) / last * 100.0),
        p_reach_24=round_significant(within_24),
        p_reach_100=round_significant(within_100),
        known_at=now,
    )
