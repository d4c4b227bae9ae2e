"""Select the levels of each side that price is likely to meet. Objects are made only here, one per reported level."""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from levels.candles import Candles, FloatArray, IntArray
from levels.hold_rates import HOLD_RATES, HoldRate, hold_rate_at
from levels.params import Params
from levels.pivots import BoolArray
from levels.reach import REACH_24, REACH_100, measure_volatility, p_reach
from levels.results import Level, Side, round_significant
from levels.scoring import Scores, price_ratio, score_zones
from levels.zone_summaries import ZoneSummaries

SAME = 1e-11
"""Prices within this ratio are equal in 12 digits: a level there is on neither side."""


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """Per zone, (z,): scores, and the probability of being reached within 100 candles."""

    scores: Scores
    reach_100: FloatArray


def select(candles: Candles, summaries: ZoneSummaries, params: Params, last: float) -> tuple[Level, ...]:
    """Return at most `per_side` supports, then resistances, each best first.

    A side whose zones are all farther than `max_ratio` has the nearest of them: after a collapse it is what is known.
    Best is the score weighed by the probability that price reaches the level: score x (reach_floor + p_reach_100).
    """
    price = summaries.zones.price
    near = price_ratio(price, last)
    volatility = measure_volatility(candles, summaries.ranges)
    ranking = Ranking(
        score_zones(
            summaries.bounces,
            summaries.breaks,
            summaries.relative_volume,
            price,
            summaries.from_low,
            last,
            params,
        ),
        p_reach(near - 1.0, volatility, REACH_100),
    )
    eligible = (
        (near > 1.0 + SAME)
        & (summaries.touches >= params.min_touches)
        & (summaries.bounces >= params.min_held * (summaries.bounces + summaries.breaks))
    )
    ranked = np.lexsort(_sort_keys(ranking, summaries, near, params))
    zones = np.concatenate(
        [_choose(ranked, eligible & side, near, params) for side in (price < last, price > last)]
    )
    away = _distances_in_atr(near[zones] - 1.0, float(summaries.atr[-1]))
    reach_24 = p_reach(near[zones] - 1.0, volatility, REACH_24).tolist()
    rates = _hold_rates(summaries, near[zones], params)
    return tuple(
        _level(candles, summaries, ranking, z, last, reach, rate, distance)
        for z, reach, rate, distance in zip(zones.tolist(), reach_24, rates, away, strict=True)
    )


def _choose(ranked: IntArray, eligible: BoolArray, near: FloatArray, params: Params) -> IntArray:
    """Return the best zones within `max_ratio`, or the nearest one where all are farther: after a collapse."""
    within = ranked[(eligible & (near <= params.max_ratio))[ranked]]
    if within.size:
        return within[: params.per_side]
    beyond = eligible.nonzero()[0]
    return beyond[near[beyond].argsort(kind="stable")][: min(1, params.per_side)]


def _sort_keys(
    ranking: Ranking, summaries: ZoneSummaries, near: FloatArray, params: Params
) -> list[FloatArray]:
    """Return the keys, the first one last, as lexsort takes them."""
    weighed = ranking.scores.total * (params.reach_floor + ranking.reach_100)
    # Rounded, so that two machines whose sums differ in the last bit agree on what is a tie.
    keys = [near, -weighed.round(9)]
    if params.method == "p_hold":
        rates = _hold_rates(summaries, near, params)
        keys.append(np.array([-rate.p_hold if rate else 0.0 for rate in rates]))
    return keys


def _distances_in_atr(away: FloatArray, atr: float) -> list[float | None]:
    """Return distances, as fractions of price, in mean true ranges; None where price has stood still."""
    if not atr > 0:
        return [None] * away.size
    return [round_significant(distance) for distance in (away / atr).tolist()]


def _hold_rates(summaries: ZoneSummaries, near: FloatArray, params: Params) -> list[HoldRate | None]:
    """Return the measured hold rates of zones so near; None for parameters other than those measured with."""
    now = float(summaries.atr[-1])
    if not now > 0 or not _uses_default_params(params):
        return [None] * near.size
    return [hold_rate_at(HOLD_RATES, distance) for distance in ((near - 1.0) / now).tolist()]


@lru_cache(maxsize=256)
def _uses_default_params(params: Params) -> bool:
    return replace(params, method="score") == Params()


def make_level_id(candles: Candles, summaries: ZoneSummaries, zone: int) -> str:
    """Make an id from the origin side and the anchor's open time: every process makes the same one."""
    return f"{'S' if summaries.from_low[zone] else 'R'}{int(candles.time[summaries.anchor_bar[zone]])}"


def _level(
    candles: Candles,
    summaries: ZoneSummaries,
    ranking: Ranking,
    z: int,
    last: float,
    reach_24: float,
    rate: HoldRate | None,
    distance_atr: float | None,
) -> Level:
    time, price = candles.time, float(summaries.zones.price[z])
    origin: Side = "support" if summaries.from_low[z] else "resistance"
    mask, scores = int(summaries.windows[z]), ranking.scores
    return Level(
        level_id=make_level_id(candles, summaries, z),
        side="support" if price < last else "resistance",
        origin_side=origin,
        price=round_significant(price),
        low=round_significant(float(summaries.zones.low[z])),
        high=round_significant(float(summaries.zones.high[z])),
        score=round_significant(float(scores.total[z])),
        score_parts={
            "touches": round_significant(float(scores.touches[z])),
            "volume": round_significant(float(scores.volume[z])),
            "distance": round_significant(float(scores.distance[z])),
            "direction": round_significant(float(scores.direction[z])),
        },
        touches=int(summaries.touches[z]),
        bounces=int(summaries.bounces[z]),
        breaks=int(summaries.breaks[z]),
        first_touch_at=int(time[summaries.first_bar[z]]),
        last_touch_at=int(time[summaries.last_bar[z]]),
        confirmed_at=int(time[summaries.confirmed_bar[z]]),
        windows=tuple(order for k, order in enumerate(summaries.pivots.orders) if mask >> k & 1),
        distance_pct=round_significant(abs(price - last) / last * 100.0),
        distance_atr=distance_atr,
        p_reach_24=round_significant(reach_24),
        p_reach_100=round_significant(float(ranking.reach_100[z])),
        p_hold=rate.p_hold if rate else None,
        placebo=rate.p_hold if rate else None,
        n=rate.n if rate else None,
        known_at=int(time[summaries.known_bar[z]]),
        pivots=int(summaries.pivot_count[z]),
        relative_volume=round_significant(float(summaries.relative_volume[z])),
        role_changes=int(summaries.role_changes[z]),
    )
