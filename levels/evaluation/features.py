"""Features of a level at the moment it is reported: candidates for predicting whether it holds."""

from collections.abc import Sequence

import numpy as np

from levels.analysis import candles_after_hole, summarize_series
from levels.candles import Candles, FloatArray
from levels.evaluation.resampling import resample
from levels.params import Params
from levels.results import Level

FEATURES = (
    "score",
    "distance_atr",
    "touches",
    "broken",
    "held_share",
    "fresh_bars",
    "age_bars",
    "relative_volume",
    "volume_at_price",
    "windows",
    "timeframes",
    "role_changed",
    "approach",
    "volatility",
)
LONGER_TIMEFRAMES = (4, 12)
"""Longer timeframes that are searched for the same level, as multiples of this one."""
TINY = 1e-12


def compute_features(
    levels: Sequence[Level], candles: Candles, atr: FloatArray, params: Params
) -> FloatArray:
    """Return (k, f) features of levels at the last candle; `atr` belongs to the candles, or to the last few of them."""
    if not levels:
        return np.zeros((0, len(FEATURES)))
    agreeing = _count_agreeing_timeframes(levels, candles, params)
    return np.array(
        [(*_compute_one(level, candles, atr, int(n)),) for level, n in zip(levels, agreeing, strict=True)]
    )


def _compute_one(level: Level, candles: Candles, atr: FloatArray, agreeing: int) -> tuple[float, ...]:
    period = max(int(np.median(np.diff(candles.time[-200:]))), 1)
    last, now, usual = float(candles.close[-1]), int(candles.time[-1]), max(float(atr[-1]), TINY)
    towards = (last / float(candles.close[-min(11, len(candles))]) - 1) / usual
    there = (candles.high >= level.low) & (candles.low <= level.high)
    return (
        level.score,
        abs(level.price / last - 1) / usual,
        float(level.touches),
        float(level.breaks > 0),
        level.bounces / max(level.bounces + level.breaks, 1),
        (now - level.last_touch_at) / period,
        (now - level.first_touch_at) / period,
        level.relative_volume,
        float(candles.volume[there].sum() / max(candles.volume.sum(), TINY)),
        float(len(level.windows)),
        float(agreeing),
        float(level.side != level.origin_side),
        towards if level.price > last else -towards,
        float(atr[-1] / max(float(np.median(atr)), TINY)),
    )


def _count_agreeing_timeframes(levels: Sequence[Level], candles: Candles, params: Params) -> FloatArray:
    """Return (k,) in how many longer timeframes the level's price lies in a zone."""
    prices = np.array([level.price for level in levels])
    seen = np.zeros(len(levels))
    for by in LONGER_TIMEFRAMES:
        series = candles_after_hole(resample(candles, by), params)
        if len(series) > 2 * params.windows[0]:
            seen += summarize_series(series, params).zones.locate(prices) >= 0
    return seen
