"""Selection: the best zones of each side, as levels. Only here are objects made, one per reported level."""

import numpy as np

from levels.candles import Candles
from levels.findings import Findings
from levels.params import Params
from levels.results import Level, Side, rounded
from levels.scoring import Scores, ratio_to, score


def select(candles: Candles, findings: Findings, params: Params, last: float) -> tuple[Level, ...]:
    """At most `per_side` supports, then resistances, each best first."""
    price = findings.zones.price
    scores = score(findings.touches, findings.relative_volume, price, findings.from_low, last, params)
    near = ratio_to(price, last)
    eligible = (near <= params.max_ratio) & (findings.touches >= params.min_touches)
    ranked = np.lexsort((near, -scores.total))
    chosen = [ranked[(eligible & side)[ranked]][: params.per_side] for side in (price < last, price > last)]
    return tuple(_level(candles, findings, scores, z, last) for z in np.concatenate(chosen).tolist())


def level_id(candles: Candles, findings: Findings, zone: int) -> str:
    """Origin side and open time of the anchor: from the candles alone, so every process makes the same one."""
    return f"{'S' if findings.from_low[zone] else 'R'}{int(candles.time[findings.anchor_bar[zone]])}"


def _level(candles: Candles, findings: Findings, scores: Scores, z: int, last: float) -> Level:
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
        known_at=int(time[findings.known_bar[z]]),
        pivots=int(findings.pivot_count[z]),
        relative_volume=rounded(float(findings.relative_volume[z])),
        role_changes=int(findings.role_changes[z]),
    )
