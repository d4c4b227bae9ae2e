"""Selection: the best zones of each side, as levels. Only here are objects made, one per reported level."""

import numpy as np

from levels.candles import Candles, FloatArray
from levels.findings import Findings
from levels.params import Params
from levels.results import Level, Side, rounded
from levels.scoring import Scores, ratio_to, score


def select(candles: Candles, findings: Findings, params: Params, last: float) -> tuple[Level, ...]:
    """At most `per_side` supports, then resistances, each best first."""
    scores = score(
        findings.touches, findings.relative_volume, findings.price, findings.from_low, last, params
    )
    eligible = (ratio_to(findings.price, last) <= params.max_ratio) & (findings.touches >= params.min_touches)
    chosen: list[int] = []
    for side in (findings.price < last, findings.price > last):
        chosen += _best(np.flatnonzero(eligible & side), scores.total, findings, params, last)
    return tuple(_level(candles, findings, scores, z, last) for z in chosen)


def _best(
    zones: np.ndarray[tuple[int], np.dtype[np.int64]],
    total: FloatArray,
    findings: Findings,
    params: Params,
    last: float,
) -> list[int]:
    """The best of some zones in order, leaving out those too near to a better one; ties go to the nearer."""
    distance = ratio_to(findings.price[zones], last)
    ranked = zones[np.lexsort((distance, -total[zones]))]
    apart = 1.0 + params.separation * params.tolerance
    chosen: list[int] = []
    prices: list[float] = []
    for z, price in zip(ranked.tolist(), findings.price[ranked].tolist(), strict=True):
        if all(max(price / other, other / price) >= apart for other in prices):
            chosen.append(z)
            prices.append(price)
            if len(chosen) == params.per_side:
                break
    return chosen


def _level(candles: Candles, findings: Findings, scores: Scores, z: int, last: float) -> Level:
    time, price = candles.time, float(findings.price[z])
    origin: Side = "support" if findings.from_low[z] else "resistance"
    mask = int(findings.windows[z])
    anchored = int(time[findings.anchor_bar[z]])
    return Level(
        level_id=f"{'S' if origin == 'support' else 'R'}{anchored}",
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
        known_at=int(time[findings.known_bar[z]]),
        pivots=int(findings.pivot_count[z]),
        relative_volume=rounded(float(findings.relative_volume[z])),
        role_changes=int(findings.role_changes[z]),
    )
