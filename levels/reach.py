"""The probability that price reaches a level within some candles (`p_reach`), from distance and volatility alone.

A random price at the same distance is reached as often: nothing here looks at the level itself. The distance is
divided by the move that is typical for that many candles, z = distance / (ATR x efficiency x sqrt(candles)), and
the share of past excursions of at least z is read from a measured table.

ATR here is a blend of the last 14 and the last 100 true ranges, as volatility returns to its mean. The efficiency is
what 16 candles move in relation to their ranges: about 0.5 for most markets, but 0.2 where a coarse tick or a peg
makes price go to and fro in place. `strandline evaluate DIR --reach levels/reach.py` measures the tables again.
Only +, -, *, / and sqrt are used, in a fixed order: they round alike on every machine.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import sqrt

import numpy as np

from levels.candles import Candles, FloatArray
from levels.rolling import mean_in_order, median

LAG = 16
"""Candles over which the efficiency is measured."""
SHORT, LONG = 14, 100
"""Bars of the two ATR that are blended."""
SHORT_WEIGHT_24, SHORT_WEIGHT_100 = 0.5, 0.3
"""Weights of the short ATR for the two horizons, chosen on the Brier score of the series measured."""
CAP = 4.0
"""Ranges and moves beyond this many median ranges count as that many, so that one absurd bar does not decide."""
USUAL_EFFICIENCY, MAX_EFFICIENCY = 0.5, 0.53
"""A trend of the past, which makes more, is no reason to expect one; a tick or a peg, which makes less, stays."""
PRIOR = 50
"""The usual efficiency counts as much as this many candles."""


@dataclass(frozen=True, slots=True)
class ReachTable:
    """z[i] is exceeded by the share p[i] of excursions within `candles`; `short` is the weight of the short ATR."""

    candles: int
    short: float
    z: tuple[float, ...]
    p: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Volatility:
    """What the typical move is made of, all as fractions of price: two ATR and the efficiency."""

    short: float
    long: float
    efficiency: float


def measure_volatility(candles: Candles, ranges: FloatArray) -> Volatility:
    """Return the volatility at the last of the candles, of which `ranges` are the (n,) true ranges."""
    cap = CAP * median(ranges)
    usual = mean_in_order(np.minimum(ranges, cap))
    close, n = candles.close, len(candles)
    moved = USUAL_EFFICIENCY * usual * sqrt(LAG)
    if n > LAG:
        move = np.maximum(close[LAG:] / close[:-LAG], close[:-LAG] / close[LAG:]) - 1.0
        measured = mean_in_order(np.minimum(move, cap * sqrt(LAG)))
        moved = (PRIOR * moved + n * measured) / (PRIOR + n)
    efficiency = min(moved / (usual * sqrt(LAG)), MAX_EFFICIENCY) if usual > 0 else 0.0
    return Volatility(mean_in_order(ranges[-SHORT:]), mean_in_order(ranges[-LONG:]), efficiency)


def typical_move(volatility: Volatility, table: ReachTable) -> float:
    """Return the move that z is measured in, as a fraction of price."""
    atr = table.short * volatility.short + (1.0 - table.short) * volatility.long
    return atr * volatility.efficiency * sqrt(table.candles)


def p_reach(distance: FloatArray, volatility: Volatility, table: ReachTable) -> FloatArray:
    """Return the probability that price trades at prices `distance` (a fraction of price) away. 0 where it is still."""
    unit = typical_move(volatility, table)
    if not unit > 0:
        return np.zeros(distance.size)
    return interpolate(distance / unit, table)


@lru_cache(maxsize=16)
def _to_arrays(values: tuple[float, ...]) -> FloatArray:
    array = np.array(values)
    array.flags.writeable = False
    return array


def interpolate(z: FloatArray, table: ReachTable) -> FloatArray:
    """Return the table's p at z: linear between its knots, falling with the fourth power of z beyond the last."""
    knots, shares = _to_arrays(table.z), _to_arrays(table.p)
    right = np.minimum(knots.searchsorted(z, side="right"), knots.size - 1)
    left = np.maximum(right - 1, 0)
    width = knots[right] - knots[left]
    part = (z - knots[left]) / np.where(width > 0, width, 1.0)
    inside = shares[left] + (shares[right] - shares[left]) * part
    far = knots[-1] / np.maximum(z, knots[-1])
    result: FloatArray = np.where(z < knots[-1], inside, shares[-1] * far * far * far * far)
    return result


# measured: begin
# share of excursions, and the z that they exceed within 24 and within 100 candles
KNOTS: tuple[tuple[float, float, float], ...] = (
    (0.96, 0.03462, 0.04897),
    (0.93, 0.08431, 0.0999),
    (0.9, 0.1314, 0.1511),
    (0.85, 0.2165, 0.2343),
    (0.8, 0.295, 0.3172),
    (0.75, 0.38, 0.4004),
    (0.7, 0.4633, 0.487),
    (0.65, 0.5459, 0.5736),
    (0.6, 0.6385, 0.6575),
    (0.55, 0.7311, 0.7512),
    (0.5, 0.8322, 0.8579),
    (0.45, 0.9458, 0.9675),
    (0.4, 1.058, 1.09),
    (0.35, 1.186, 1.232),
    (0.3, 1.331, 1.399),
    (0.25, 1.515, 1.601),
    (0.2, 1.749, 1.847),
    (0.15, 2.053, 2.187),
    (0.12, 2.283, 2.474),
    (0.09, 2.608, 2.884),
    (0.07, 2.898, 3.289),
    (0.05, 3.314, 3.858),
    (0.035, 3.817, 4.586),
    (0.025, 4.363, 5.361),
    (0.015, 5.198, 6.664),
    (0.01, 6.031, 7.799),
    (0.005, 7.525, 9.842),
    (0.0025, 10.24, 12.69),
)
"""Measured on (closed candles):
binance_AAVEUSDT_1h (23,986), binance_ADAUSDT_1h (8,999), binance_ALGOUSDT_1h (23,986),
binance_APTUSDT_15m (5,999), binance_ATOMUSDT_1h (23,986), binance_AVAXUSDT_1h (23,986),
binance_BNBUSDT_1h (23,986), binance_BTCUSDT_1d (3,121), binance_BTCUSDT_1h (23,987),
binance_BTTCUSDT_1h (5,999), binance_DOGEUSDT_1h (8,999), binance_DOTUSDT_1h (23,986),
binance_EOSUSDT_1h (23,986), binance_ETHUSDT_1h (23,987), binance_ETHUSDT_4h (18,709),
binance_FILUSDT_1h (23,986), binance_LUNAUSDT_1h (4,499), binance_SANDUSDT_1h (23,986),
binance_SOLUSDT_1h (11,999), binance_USDCUSDT_1h (5,999), bybit_BTCUSDT_5m (11,999),
bybit_ETHUSDT_15m (8,639).
"""
# measured: end

REACH_24 = ReachTable(24, SHORT_WEIGHT_24, (0.0, *(z for _, z, _ in KNOTS)), (1.0, *(p for p, _, _ in KNOTS)))
REACH_100 = ReachTable(
    100, SHORT_WEIGHT_100, (0.0, *(z for _, _, z in KNOTS)), (1.0, *(p for p, _, _ in KNOTS))
)
