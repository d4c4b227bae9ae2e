"""Make seeded synthetic candles: markets with planted levels, and random walks without any.

Prices have four decimals and volumes six: a difference in the last bit of two machines' logarithms is rounded away, so
a seed gives the same candles everywhere (for the same generators of numpy).
"""

from dataclasses import dataclass

import numpy as np

from levels.candles import Candles, FloatArray, IntArray

HOUR_MS = 3_600_000
START_MS = 1_700_000_000_000 // HOUR_MS * HOUR_MS


@dataclass(frozen=True, slots=True, eq=False)
class PlantedMarket:
    """Candles, the ascending prices at which they turn, and how often price reached each."""

    candles: Candles
    levels: FloatArray
    arrivals: IntArray


def make_planted_market(
    seed: int, n: int = 2000, *, levels: int = 9, gap: float = 0.03, hold: float = 0.7, noise: float = 0.5
) -> PlantedMarket:
    """Make a market that moves between the levels of a ladder and turns at each with probability `hold`.

    levels, gap: rungs about a price of 100, and their distance as a fraction. Between rungs price wanders, the
    more the larger `noise`, but stays between them; it overshoots a rung by about 0.05 %. Volume is threefold there.
    """
    rng = np.random.default_rng(seed)
    rungs: FloatArray = np.float_power(1.0 + gap, np.arange(levels) - levels // 2) * 100.0
    stops = _draw_stops(rng, levels, n // 12 + 1, hold)
    lengths = rng.integers(12, 48, stops.size - 1)
    lengths = lengths[: int(np.searchsorted(np.cumsum(lengths), n)) + 1]
    stops = stops[: lengths.size + 1]
    ends = rungs[stops] * (1.0 + rng.normal(0.0, 0.0005, stops.size))
    legs = [
        _draw_leg(rng, a, b, m, noise) for a, b, m in zip(ends[:-1], ends[1:], lengths.tolist(), strict=True)
    ]
    close = np.concatenate(legs)[:n]
    reached = np.cumsum(lengths) - 1
    reached = reached[reached < n]
    volume = rng.lognormal(0.0, 0.4, n)
    volume[reached] *= 3.0
    arrivals = np.bincount(stops[1 : reached.size + 1], minlength=levels)
    return PlantedMarket(_make_candles(rng, float(ends[0]), close, volume), rungs, arrivals)


def make_random_walk(seed: int, n: int = 2000, *, start: float = 100.0, volatility: float = 0.006) -> Candles:
    """Make a driftless geometric random walk from `start`: any level found in it is chance."""
    rng = np.random.default_rng(seed)
    close = start * np.exp(np.cumsum(rng.normal(0.0, volatility, n)))
    return _make_candles(rng, start, close, rng.lognormal(0.0, 0.4, n), wick=volatility / 3)


def _draw_stops(rng: np.random.Generator, levels: int, count: int, hold: float) -> IntArray:
    """Draw the rungs in the order price reaches them: it turns or goes on at each, and turns at the ends."""
    turns = rng.random(count) < hold
    place, way, found = levels // 2, 1, [levels // 2]
    for turn in turns.tolist():
        if turn or not 0 <= place + way < levels:
            way = -way
        place += way
        found.append(place)
    return np.array(found, dtype=np.int64)


def _draw_leg(rng: np.random.Generator, start: float, end: float, bars: int, noise: float) -> FloatArray:
    """Draw (bars,) closes from one rung to the next: a Brownian bridge folded back between the two."""
    along = np.arange(1, bars + 1) / bars
    steps = np.cumsum(rng.normal(0.0, 1.0 / np.sqrt(bars), bars))
    bridge = steps - along * steps[-1]
    # Fold at 0 and 1 as a triangle wave does, so that the noise never leads past a rung.
    x = np.abs((along + noise * bridge + 1.0) % 2.0 - 1.0)
    x[-1] = 1.0
    folded: FloatArray = start + (end - start) * x
    return folded


def _make_candles(
    rng: np.random.Generator, first: float, close: FloatArray, volume: FloatArray, wick: float = 0.0004
) -> Candles:
    n = close.size
    close = close.round(4)
    open_ = np.concatenate(([round(first, 4)], close[:-1]))
    high = (np.maximum(open_, close) * (1.0 + rng.exponential(wick, n))).round(4)
    low = (np.minimum(open_, close) / (1.0 + rng.exponential(wick, n))).round(4)
    return Candles(START_MS + np.arange(n) * HOUR_MS, open_, high, low, close, volume.round(6))
