"""Response bodies of levels near the price. Pure."""

from api.levels.membership import MembershipChange
from api.levels.question import NearHit
from schemas.http.levels import LevelReference, NearChange, NearLevel
from schemas.values import from_ms, round_significant


def to_near_level(hit: NearHit) -> NearLevel:
    """Return a hit as a response."""
    level = hit.level
    return NearLevel(
        market=level.market,
        level_id=level.level_id,
        side=hit.side,
        origin_side=level.origin_side,
        price=level.price,
        low=level.low,
        high=level.high,
        distance_pct=round_significant(hit.distance_pct),
        distance_atr=None if hit.distance_atr is None else round_significant(hit.distance_atr),
        last_price=hit.last_price,
        is_live=hit.is_live,
        score=level.score,
        touches=level.touches,
        bounces=level.bounces,
        breaks=level.breaks,
        p_reach_24=level.p_reach_24,
        p_reach_100=level.p_reach_100,
        p_hold=level.p_hold,
        placebo=level.placebo,
        first_touch_at=from_ms(level.first_touch_at),
        last_touch_at=from_ms(level.last_touch_at),
        known_at=from_ms(level.known_at),
    )


def to_near_change(change: MembershipChange) -> NearChange:
    """Return what has entered and left an answer as an event's payload."""
    return NearChange(
        entered=[to_near_level(hit) for hit in change.entered],
        left=[LevelReference(market=hit.level.market, level_id=hit.level.level_id) for hit in change.left],
        total=change.total,
    )
