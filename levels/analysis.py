"""analyze: candles in, levels out. The one door; everything behind it is arrays."""

from math import isfinite
from typing import Final

import numpy as np

from levels.candles import Candles, holes
from levels.errors import InvalidCandles, TooFewCandles
from levels.evidence import find_visits, relative_atr
from levels.findings import Findings, gather
from levels.params import Params
from levels.pivots import find_pivots
from levels.reference import reference_levels
from levels.results import Analysis, Level, rounded
from levels.scoring import ratio_to
from levels.selection import SAME, level_id, select
from levels.visits import Visit, visits_of
from levels.zones import find_zones

ALGORITHM: Final = "strandline/1"


def analyze(candles: Candles, params: Params = Params(), *, last_price: float | None = None) -> Analysis:  # noqa: B008 - frozen
    """The support and resistance levels of closed candles.

    last_price: price of the candle that has not closed, used for sides and distances only; by default the
    last close. Raises TooFewCandles when no bar can stand out, InvalidCandles for an impossible last_price.
    Equal candles, params and last_price give an equal answer, on every machine.
    """
    least = 2 * params.windows[0] + 1
    if len(candles) < least:
        raise TooFewCandles(
            f"{len(candles)} candles; a pivot over {params.windows[0]} bars needs at least {least}"
        )
    last = rounded(float(candles.close[-1]) if last_price is None else float(last_price))
    if not (isfinite(last) and last > 0):
        raise InvalidCandles(f"last_price is {last}, not a positive number")
    levels, reason = _levels(candles, params, last)
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


def _levels(candles: Candles, params: Params, last: float) -> tuple[tuple[Level, ...], str | None]:
    series = since_hole(candles, params)
    if len(series) < 2 * params.windows[0] + 1:
        return (), f"only {len(series)} candles since a hole of more than {params.max_hole} missing ones"
    if params.method == "reference":
        plain = reference_levels(series, params, last)
        return plain, None if plain else "no bar stands out"
    findings = examine(series, params)
    if not len(findings):
        return (), f"no candle's high or low stands out over {params.windows[0]} bars on both sides"
    levels = select(series, findings, params, last)
    return levels, None if levels else _why_none(findings, params, last)


def since_hole(candles: Candles, params: Params) -> Candles:
    """The candles after the last hole of more than `max_hole` missing ones: what was before is another market."""
    after = holes(candles.time, params.max_hole)
    return candles[int(after[-1]) :] if after.size else candles


def examine(series: Candles, params: Params) -> Findings:
    """All zones of a series without large holes, and what happened there."""
    pivots = find_pivots(series.high, series.low, params.windows, plateaus=params.plateaus)
    atr = relative_atr(series, params.atr_window)
    usual = float(np.median(atr))
    zones = find_zones(pivots, _tolerance(usual, params), params.separation_atr * usual)
    visits = find_visits(
        series, pivots, zones, atr, leave_atr=params.leave_atr, volume_window=params.volume_window
    )
    return gather(pivots, zones, visits, atr)


def visits_by_level(candles: Candles, params: Params = Params()) -> dict[str, tuple[Visit, ...]]:  # noqa: B008 - frozen
    """Every visit to every zone of the candles, by level_id: also to those that `analyze` does not report."""
    series = since_hole(candles, params)
    if len(series) < 2 * params.windows[0] + 1:
        return {}
    findings = examine(series, params)
    return {
        level_id(series, findings, zone): visits_of(series, findings, zone) for zone in range(len(findings))
    }


def _tolerance(usual_atr: float, params: Params) -> float:
    if params.tolerance_atr is None:
        return params.tolerance
    return min(max(params.tolerance_atr * usual_atr, 1e-9), 0.2)


def _why_none(findings: Findings, params: Params, last: float) -> str:
    away = ratio_to(findings.zones.price, last)
    if (away > params.max_ratio).all():
        return f"every zone is farther than a ratio of {params.max_ratio:g} from the last price"
    if (findings.touches < params.min_touches).all():
        return f"no zone was visited {params.min_touches} times"
    if (away <= 1.0 + SAME).all():
        return "the last price stands on the only zone"
    return f"no zone in reach held in a share of {params.min_held:g} of its visits"
