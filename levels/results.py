"""Results of an analysis: levels as plain values."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Side = Literal["support", "resistance"]


@dataclass(frozen=True, slots=True)
class Level:
    """One price level. Prices in the market's unit, times in ms (open times of candles), floats to 12 digits.

    level_id     origin side and open time of the anchor pivot, as in "S1700000000000"
    side         where it lies now: "support" below the last price, "resistance" above
    origin_side  what its anchor was: a low made a support, a high a resistance
    price        its anchor's; low, high: the edges of its zone, equally far as ratios
    score, score_parts    the parts (touches, volume, distance, direction) sum to the score
    touches      visits since the anchor, its own included; bounces and breaks: those decided so
    first_touch_at, last_touch_at    the first bar of the first and of the last visit
    confirmed_at the candle at whose close all the evidence given here was known
    known_at     the candle at whose close the anchor was confirmed, so that there was a level
    windows      orders of pivots that see it
    distance_pct distance to the last price in percent of it, not negative
    distance_atr the same in mean true ranges of a candle; None where price stood still or the method has none
    p_reach_24, p_reach_100    probability that price trades at the level within 24 and 100 candles: a matter of
                 distance and volatility, the same for a random price as far away
    p_hold, placebo, n    how often such a level holds, a random one at that distance, and out of how many; or None
    pivots       how many pivots lie in it
    relative_volume  mean over its visits of volume there over usual volume
    role_changes how often it was broken and then held from the other side
    """

    level_id: str
    side: Side
    origin_side: Side
    price: float
    low: float
    high: float
    score: float
    score_parts: dict[str, float]
    touches: int
    bounces: int
    breaks: int
    first_touch_at: int
    last_touch_at: int
    confirmed_at: int
    windows: tuple[int, ...]
    distance_pct: float
    p_hold: float | None = None
    placebo: float | None = None
    n: int | None = None
    p_reach_24: float = 0.0
    p_reach_100: float = 0.0
    distance_atr: float | None = None
    known_at: int = 0
    pivots: int = 0
    relative_volume: float = 1.0
    role_changes: int = 0


@dataclass(frozen=True, slots=True)
class Analysis:
    """Levels of one series of closed candles, and what they were computed from.

    levels       supports best first, then resistances best first
    last_price   the price sides and distances refer to
    candle_at    open time in ms of the last closed candle; input_limit: how many candles there were
    algorithm    name/version: the same name, params and candles give the same answer to the byte
    reason       why there are no levels, and how many candles before a hole were left out; else None
    """

    levels: tuple[Level, ...]
    last_price: float
    candle_at: int
    input_limit: int
    algorithm: str
    params_hash: str
    candles_hash: str
    reason: str | None = None
    supports: tuple[Level, ...] = field(init=False, repr=False, compare=False)
    resistances: tuple[Level, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name, side in (("supports", "support"), ("resistances", "resistance")):
            object.__setattr__(self, name, tuple(level for level in self.levels if level.side == side))

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return one dict per level, from which pandas and polars make a frame."""
        return [asdict(level) for level in self.levels]


def round_significant(value: float) -> float:
    """Round to the 12 significant digits that are published, equal on every machine."""
    return float(f"{value:.12g}")
