"""What a level's hold rate is: p_hold, what a random level has (placebo), and out of how many touches (n).

No model: none that was tried tells better levels from worse ones on markets it was not fitted to (docs/levels.md
has the figures). So p_hold is the rate at which levels *at such a distance* held, once touched; beside it stands
what placebos at that distance did. Where fewer than LEAST touches were seen: nothing.
"""

from dataclasses import dataclass

LEAST = 200


@dataclass(frozen=True, slots=True)
class Rate:
    """Levels from `near` to `far` ATR away: how often they held, how often placebos did, out of n touches."""

    near: float
    far: float
    p_hold: float
    placebo: float
    n: int


def rate_at(rates: tuple[Rate, ...], distance_atr: float) -> Rate | None:
    """The rate for a distance, None where too few were seen."""
    for rate in rates:
        if rate.near <= distance_atr < rate.far:
            return rate if rate.n >= LEAST else None
    return None
