"""Synthetic markets: hourly candles as a pure function of (seed, symbol, hour), with levels where the price turns.

A market has a ladder of price levels. Time is divided into spells of ten days; in each the price walks between two
rungs and is reflected at both, and from spell to spell the rungs shift by at most one. So old levels return, and a
broken resistance becomes a support. The hour is the base resolution: longer candles are sums of hours, and `minutes`
splits an hour into its sixty minutes.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from exchanges.bars import FloatArray, IntArray
from simulator.history.noise import Noise
from simulator.history.timeline import HOUR
from simulator.listings import SimulatedMarket

GENESIS = 1_514_764_800_000
"""2018-01-01: where all synthetic markets begin."""

SPELL = 240
"""Hours."""

_RUNGS = 14
_SPELLS_AT_LEAST = 1_500
_FEW = 3

# Streams of noise, one for each quantity.
_LADDER, _SHIFT, _WIDTH, _MEETING, _MOOD, _STEP, _WICK_UP, _WICK_DOWN, _OVERSHOOT, _VOLUME = range(10, 20)


class HourlyMarket:
    """The hours of one market. Prices are whole ticks, volumes whole lots, so that sums are exact."""

    def __init__(self, seed: int, traded: SimulatedMarket) -> None:
        listing = traded.listing
        self._noise = Noise(seed, listing.symbol)
        self.noise = Noise(seed, listing.symbol, traded.market_type)
        self.decimals = listing.decimals
        self.ticks_per_unit = 10**listing.decimals
        basis = 1.0004 if traded.market_type == "future" else 1.0
        anchor = listing.price * basis * self.ticks_per_unit
        self._restless = 0.7 + self._noise.one(1)
        self._ladder = _ladder(self._noise, anchor)
        self._typical_lots = 400_000 * (0.3 + 2 * self._noise.one(2))
        self.lots_per_unit = _lots_per_unit(listing.price)
        # Cached: every ticker reads the present spell.
        self._spell_cache = lru_cache(maxsize=2 * _FEW)(lambda spell: self._generate(spell, spell))

    def rungs(self) -> FloatArray:
        """Return the ladder's prices, lowest first."""
        prices: FloatArray = self._ladder / self.ticks_per_unit
        return prices

    def hours(self, first: int, count: int) -> NDArray[np.int64]:
        """Return (5, count) int64: open, high, low, close in ticks, volume in lots; `first`: hours since GENESIS."""
        spell, last = first // SPELL, (first + count - 1) // SPELL
        if last - spell < _FEW:
            bars = np.concatenate([self._spell_cache(one) for one in range(spell, last + 1)], axis=1)
        else:
            bars = self._generate(spell, last)
        skip = first - spell * SPELL
        return bars[:, skip : skip + count]

    def _generate(self, first: int, last: int) -> NDArray[np.int64]:
        """The hours of whole spells, `last` included."""
        spells = np.arange(first, last + 1, dtype=np.int64)
        floor, ceiling, begin, end = self._spell_bounds(spells)
        walk = self._walk(spells, floor, ceiling, begin, end)
        return self._candles(spells, walk, floor, ceiling).reshape(5, -1)

    def _spell_bounds(self, spells: IntArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Return floor and ceiling of each spell, and the price at its begin and end; all (n,)."""
        known = np.arange(max(int(spells[-1]) + 2, _SPELLS_AT_LEAST), dtype=np.int64)
        widths = 2 + (self._noise.uniform(_WIDTH, known) * 3).astype(np.int64)
        steps = (self._noise.uniform(_SHIFT, known) * 3).astype(np.int64) - 1
        wander = _RUNGS // 2 + np.cumsum(steps)
        highest = _RUNGS - 4
        # A spell's lower rung, reflected at the ladder's ends, which keeps the steps at one rung at most.
        rung = highest - np.abs(wander % (2 * highest) - highest)
        floor, ceiling = self._ladder[rung], self._ladder[rung + widths]
        low, high = np.maximum(floor[1:], floor[:-1]), np.minimum(ceiling[1:], ceiling[:-1])
        meeting = low + (high - low) * self._noise.uniform(_MEETING, known[1:])
        meeting = np.concatenate(([(floor[0] + ceiling[0]) / 2], meeting))
        return floor[spells], ceiling[spells], meeting[spells], meeting[spells + 1]

    def _walk(
        self, spells: IntArray, floor: FloatArray, ceiling: FloatArray, begin: FloatArray, end: FloatArray
    ) -> FloatArray:
        """Return (n, SPELL + 1): a random walk from `begin` to `end`, not yet bounded by floor and ceiling."""
        index = spells[:, None] * SPELL + np.arange(SPELL)
        mood = 0.6 + self._noise.uniform(_MOOD, spells)
        daily_rhythm = 1.0 + 0.35 * np.abs((np.arange(SPELL) % 24) / 12.0 - 1.0)
        size = (0.005 * self._restless * mood * (floor + ceiling) / 2)[:, None] * daily_rhythm
        steps = self._noise.normal(_STEP, index) * size
        path = np.concatenate((np.zeros((len(spells), 1)), np.cumsum(steps, axis=1)), axis=1)
        share = np.arange(SPELL + 1) / SPELL
        bridge: FloatArray = path - path[:, -1:] * share
        return begin[:, None] + (end - begin)[:, None] * share + bridge

    def _candles(
        self, spells: IntArray, walk: FloatArray, floor: FloatArray, ceiling: FloatArray
    ) -> NDArray[np.int64]:
        """Return (5, n, SPELL): the walk reflected at floor and ceiling, with wicks and volume."""
        index = spells[:, None] * SPELL + np.arange(SPELL)
        low, high, room = floor[:, None], ceiling[:, None], (ceiling - floor)[:, None]
        price = np.round(high - np.abs((walk - low) % (2 * room) - room))
        cell = np.floor((walk - low) / room).astype(np.int64)
        opened, closed = price[:, :-1], price[:, 1:]
        body_high, body_low = np.maximum(opened, closed), np.minimum(opened, closed)
        hit_high, hit_low = _hits(cell[:, :-1], cell[:, 1:])
        grain = 0.005 * self._restless * (low + high) / 2
        slack = 0.0012 * high
        top = high + slack * (self._noise.uniform(_OVERSHOOT, index) - 0.6)
        bottom = low - slack * (self._noise.uniform(_OVERSHOOT + 20, index) - 0.6)
        up = body_high + grain * self._noise.uniform(_WICK_UP, index) ** 3 * 1.5
        down = body_low - grain * self._noise.uniform(_WICK_DOWN, index) ** 3 * 1.5
        highest = np.maximum(np.where(hit_high, top, np.minimum(up, top)), body_high)
        lowest = np.maximum(np.minimum(np.where(hit_low, bottom, np.maximum(down, bottom)), body_low), 1)
        calm = (highest - lowest) / grain
        lots = self._typical_lots * (0.3 + self._noise.uniform(_VOLUME, index)) * (0.3 + calm)
        lots *= np.where(hit_high | hit_low, 1.8, 1.0)
        columns = (
            np.maximum(opened, 1),
            np.round(highest),
            np.round(lowest),
            np.maximum(closed, 1),
            np.ceil(lots),
        )
        return np.stack(columns).astype(np.int64)


def _ladder(noise: Noise, anchor: float) -> FloatArray:
    """Return (_RUNGS + 1,) price levels in ticks around `anchor`, 2 to 5 % apart."""
    apart = 1.02 + 0.03 * noise.uniform(_LADDER, np.arange(_RUNGS, dtype=np.int64))
    ladder = np.cumprod(np.concatenate(([1.0], apart)))
    return np.asarray(ladder / ladder[_RUNGS // 2] * anchor)


def _hits(before: IntArray, after: IntArray) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return whether an hour reached the ceiling, and the floor, from the reflections that the walk went through."""
    lower, moved = np.minimum(before, after), np.abs(after - before)
    odd = lower % 2 == 1
    return (moved > 1) | ((moved == 1) & ~odd), (moved > 1) | ((moved == 1) & odd)


def _lots_per_unit(price: float) -> int:
    """Return lots per coin: cheap coins trade in whole units, expensive ones in fractions."""
    return 1 if price < 1 else 10 if price < 10 else 100 if price < 1_000 else 1_000


def hour_of(time_ms: int) -> int:
    """Return the hours from GENESIS to `time_ms`, rounded down."""
    return (time_ms - GENESIS) // HOUR
