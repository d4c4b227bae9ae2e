"""Selection: the best zones of each side, as levels. Only here are objects made, one per reported level."""

from dataclasses import replace
from functools import lru_cache

import numpy as np

from levels.candles import Candles, FloatArray
from levels.findings import Findings
from levels.hold_rates import RATES
from levels.params import Params
from levels.rates import Rate, rate_at
from levels.results import Level, Side, rounded
from levels.scoring import Scores, ratio_to, score

SAME = 1e-11
"""Prices nearer than this ratio are one price in 12 digits: a level there is on neither side."""


def select(candles: Candles, findings: Findings, params: Params, last: float) -> tuple[Level, ...]:
    """At most `per_side` supports, then resistances, each best first."""
    price = findings.zones.price
    scores = score(
        findings.bounces, findings.breaks, findings.relative_volume, price, findings.from_low, last, params
    )
    near = ratio_to(price, last)
    eligible = (
        (near <= params.max_ratio)
        & (near > 1.0 + SAME)
        & (findings.touches >= params.min_touches)
        & (findings.bounces >= params.min_held * (findings.bounces + findings.breaks))
    )
    rates = _rates(findings, near, params)
    # Rounded, so that two machines whose sums differ in the last bit agree on what is a tie.
    keys = [near, -np.round(scores.total, 9)]
    if params.method == "p_hold":
        keys.append(np.array([-rate.p_hold if rate else 0.0 for rate in rates]))
    ranked = np.lexsort(keys)
    chosen = [ranked[(eligible & side)[ranked]][: params.per_side] for side in (price < last, price > last)]
    return tuple(
        _level(candles, findings, scores, z, last, rates[z]) for z in np.concatenate(chosen).tolist()
    )


def _rates(findings: Findings, near: FloatArray, params: Params) -> list[Rate | None]:
    """Measured hold rates by distance; none for zones made by other parameters than those measured with."""
    now = float(findings.atr[-1])
    if not now > 0 or not _measured(params):
        return [None] * len(findings)
    return [rate_at(RATES, distance) for distance in ((near - 1.0) / now).tolist()]


@lru_cache(maxsize=256)
def _measured(params: Params) -> bool:
    return replace(params, method="score") == Params()


def level_id(candles: Candles, findings: Findings, zone: int) -> str:
    """Origin side and open time of the anchor: from the candles alone, so every process makes the same one."""
    return f"{'S' if findings.from_low[zone] else 'R'}{int(candles.time[findings.anchor_bar[zone]])}"


def _level(
    candles: Candles, findings: Findings, scores: Scores, z: int, last: float, rate: Rate | None
) -> Level:
    time, price = candles.time, float(findings.zones.price[z])
    origin: Side = "support" if findings.from_low[z] else "resistance"
    mask = int(findings.windows[z])
    return Level(
        level_id=level_id(candles, findings, z),
        side="support" if price < last else "resistance",
        origin_side=origin,
        price=rounded(price),
        low=rounded(float(findings.zones.low[z])),
        high=rounded(float(findings.zones.high[z])),
        score=rounded(float(scores.total[z])),
        score_parts={
            "touches": rounded(float(scores.touches[z])),
            "volume": rounded(float(scores.volume[z])),
            "distance": rounded(float(scores.distance[z])),
            "direction": rounded(float(scores.direction[z])),
        },
        touches=int(findings.touches[z]),
        bounces=int(findings.bounces[z]),
        breaks=int(findings.breaks[z]),
        first_touch_at=int(time[findings.first_bar[z]]),
        last_touch_at=int(time[findings.last_bar[z]]),
        confirmed_at=int(time[findings.confirmed_bar[z]]),
        windows=tuple(order for k, order in enumerate(findings.pivots.orders) if mask >> k & 1),
        distance_pct=rounded(abs(price - last) / last * 100.0),
        p_hold=rate.p_hold if rate else None,
        placebo=rate.placebo if rate else None,
        n=rate.n if rate else None,
        known_at=int(time[findings.known_bar[z]]),
        pivots=int(findings.pivot_count[z]),
        relative_volume=rounded(float(findings.relative_volume[z])),
        role_changes=int(findings.role_changes[z]),
    )
