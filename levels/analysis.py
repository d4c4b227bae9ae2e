"""Compute levels from candles: `analyze` is the entry point; everything behind it works on arrays."""

from math import isfinite
from typing import Final

import numpy as np

from levels.candles import Candles, FloatArray, find_holes
from levels.errors import InvalidCandles, InvalidParams, TooFewCandles
from levels.evidence import find_visits, true_ranges
from levels.params import METHODS, Params
from levels.pivots import Pivots, find_pivots
from levels.reference import reference_levels
from levels.results import Analysis, Level, round_significant
from levels.rolling import median, trailing_mean
from levels.scoring import price_ratio
from levels.selection import SAME, make_level_id, select
from levels.visits import Visit, list_visits
from levels.zone_summaries import ZoneSummaries, summarize_zones
from levels.zones import find_zones

ALGORITHM: Final = "strandline/2"

WIDTH_BARS: Final = 64
"""Bars in the ATR that a zone's width grows with."""
MAX_GROWN_WIDTH: Final = 0.05


def analyze(candles: Candles, params: Params = Params(), *, last_price: float | None = None) -> Analysis:  # noqa: B008 - frozen
    """Return the support and resistance levels of closed candles.

    last_price: price of the candle that has not closed, used for sides and distances only; by default the
    last close. Raises TooFewCandles when no bar can be an extreme, InvalidCandles for an impossible last_price.
    Equal candles, params and last_price give an equal answer, on every machine.
    """
    minimum = 2 * params.windows[0] + 1
    if len(candles) < minimum:
        raise TooFewCandles(
            f"{len(candles)} candles; a pivot over {params.windows[0]} bars needs at least {minimum}"
        )
    last = round_significant(float(candles.close[-1]) if last_price is None else float(last_price))
    if not (isfinite(last) and last > 0):
        raise InvalidCandles(f"last_price is {last}, not a positive number")
    series = candles_after_hole(candles, params)
    levels, reason = _find_levels(series, params, last)
    if left_out := len(candles) - len(series):
        cut = f"{left_out} candles before a hole of more than {params.max_hole} missing ones were left out"
        reason = f"{reason}; {cut}" if reason else cut
    return Analysis(
        levels=levels,
        last_price=last,
        candle_at=int(candles.time[-1]),
        input_limit=len(candles),
        algorithm=ALGORITHM,
        params_hash=params.hash,
        candles_hash=candles.digest(last),
        reason=reason,
    )


def _find_levels(series: Candles, params: Params, last: float) -> tuple[tuple[Level, ...], str | None]:
    if len(series) < 2 * params.windows[0] + 1:
        return (), f"only {len(series)} candles since a hole of more than {params.max_hole} missing ones"
    if params.method not in METHODS:
        raise InvalidParams(f"method: {params.method!r} is run by the application, not by analyze")
    if params.method == "reference":
        plain = reference_levels(series, params, last)
        return plain, None if plain else "no candle is a local extreme"
    summaries = summarize_series(series, params)
    if not len(summaries):
        return (), f"no candle's high or low stands out over {params.windows[0]} bars on both sides"
    levels = select(series, summaries, params, last)
    return levels, None if levels else _explain_no_levels(summaries, params, last)


def candles_after_hole(candles: Candles, params: Params) -> Candles:
    """Return the candles after the last hole of more than `max_hole` missing ones; earlier ones are ignored."""
    after = find_holes(candles.time, params.max_hole)
    return candles[int(after[-1]) :] if after.size else candles


def summarize_series(series: Candles, params: Params) -> ZoneSummaries:
    """Find the zones of a series without large holes and summarize the visits to each."""
    pivots = find_pivots(series.high, series.low, params.windows, plateaus=params.plateaus)
    ranges = true_ranges(series)
    atr = trailing_mean(ranges, params.atr_window)
    usual = median(atr)
    zones = find_zones(
        pivots,
        _zone_widths(ranges, pivots, params),
        apart=params.separation_atr * usual,
        minor_apart=params.minor_separation_atr * usual,
        first_bar=_history_bars(series, params),
        anchor_order=params.anchor_order,
    )
    visits = find_visits(
        series, pivots, zones, atr, leave_atr=params.leave_atr, volume_window=params.volume_window
    )
    return summarize_zones(pivots, zones, visits, ranges, atr)


def visits_by_level(candles: Candles, params: Params = Params()) -> dict[str, tuple[Visit, ...]]:  # noqa: B008 - frozen
    """Return the visits to every zone by level_id, including zones that `analyze` does not report."""
    series = candles_after_hole(candles, params)
    if len(series) < 2 * params.windows[0] + 1:
        return {}
    summaries = summarize_series(series, params)
    return {
        make_level_id(series, summaries, zone): list_visits(series, summaries, zone)
        for zone in range(len(summaries))
    }


def _history_bars(series: Candles, params: Params) -> int:
    """Return how many candles at the beginning are only history, so that every mean behind evidence is whole.

    Otherwise the evidence of a visit would change when the window slides on. A short series, which is a young market
    whose window does not slide, does without.
    """
    needed = max(params.volume_window, params.windows[-1], params.atr_window, WIDTH_BARS)
    return needed if len(series) >= 3 * needed else 0


def _zone_widths(ranges: FloatArray, pivots: Pivots, params: Params) -> FloatArray:
    """Return the width of a zone about each pivot: it is fixed at the pivot, so that no later candle changes it."""
    if params.tolerance_atr is None:
        return np.full(len(pivots), params.tolerance)
    atr = trailing_mean(ranges, WIDTH_BARS)[pivots.bar]
    grown = np.minimum(params.tolerance_atr * atr, MAX_GROWN_WIDTH)
    return np.maximum(grown, params.tolerance)


def _explain_no_levels(summaries: ZoneSummaries, params: Params, last: float) -> str:
    away = price_ratio(summaries.zones.price, last)
    if (summaries.touches < params.min_touches).all():
        return f"no zone was visited {params.min_touches} times"
    if (away <= 1.0 + SAME).all():
        return "the last price stands on the only zone"
    return f"no zone in reach held in a share of {params.min_held:g} of its visits"
