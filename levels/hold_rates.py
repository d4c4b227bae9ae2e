"""Hold rates by distance: how often a level, or any price, at such a distance held once it was touched.

Levels and random prices are pooled, and a level's `p_hold` and `placebo` are the same rate: on 12 series the two
differ by +0.6 points [-0.4, +1.5], and no model that was tried separates better levels from
worse ones on markets it was not fitted to (docs/levels.md has the figures). Two numbers side by side would show noise.
The table is measured: `strandline evaluate DIR --rates levels/hold_rates.py` rewrites it in place.
"""

from dataclasses import dataclass

MIN_TOUCHES = 200
"""Below this many distinct touches a rate is not published."""


@dataclass(frozen=True, slots=True)
class HoldRate:
    """The rate in [0, 1] of levels and placebos from `near` to `far` ATR away, out of n distinct touches of levels."""

    near: float
    far: float
    p_hold: float
    n: int


def hold_rate_at(rates: tuple[HoldRate, ...], distance_atr: float) -> HoldRate | None:
    """Return the rate for a distance in ATR; None where fewer than MIN_TOUCHES touches were measured."""
    for rate in rates:
        if rate.near <= distance_atr < rate.far:
            return rate if rate.n >= MIN_TOUCHES else None
    return None


# measured: begin
HOLD_RATES: tuple[HoldRate, ...] = (
    HoldRate(0.0, 0.5, p_hold=0.484, n=1690),
    HoldRate(0.5, 1.0, p_hold=0.476, n=1697),
    HoldRate(1.0, 2.0, p_hold=0.471, n=2673),
    HoldRate(2.0, 4.0, p_hold=0.455, n=3143),
    HoldRate(4.0, 8.0, p_hold=0.414, n=2341),
    HoldRate(8.0, 16.0, p_hold=0.356, n=1197),
    HoldRate(16.0, float("inf"), p_hold=0.231, n=278),
)
"""Measured on (closed candles):
binance_ADAUSDT_1h (8,999), binance_APTUSDT_15m (5,999), binance_BTCUSDT_1d (3,121),
binance_BTCUSDT_1h (23,987), binance_BTTCUSDT_1h (5,999), binance_DOGEUSDT_1h (8,999),
binance_ETHUSDT_4h (18,709), binance_LUNAUSDT_1h (4,499), binance_SOLUSDT_1h (11,999),
binance_USDCUSDT_1h (5,999), bybit_BTCUSDT_5m (11,999), bybit_ETHUSDT_15m (8,639).
"""
# measured: end
