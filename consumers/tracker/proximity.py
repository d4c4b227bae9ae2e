"""When price is near a level, and when it has been away from it. Pure."""

NEAR_PCT = 1.0
"""In percent of the price."""
NEAR_ATR = 1.0
"""In mean true ranges of a candle."""
AWAY_FACTOR = 2.0
"""Price is away beyond this multiple of what is near: on the edge it would approach again and again."""


def is_near(distance_pct: float, distance_atr: float | None) -> bool:
    """Return whether a price so far from a level has approached it; `distance_atr` is None where it is not known."""
    return distance_pct <= NEAR_PCT or (distance_atr is not None and distance_atr <= NEAR_ATR)


def is_away(distance_pct: float, distance_atr: float | None) -> bool:
    """Return whether a price so far from a level lets it be approached again."""
    return not is_near(
        distance_pct / AWAY_FACTOR, None if distance_atr is None else distance_atr / AWAY_FACTOR
    )
