"""What became of a level after a moment: touched or not, and three definitions of whether it held.

Everything is seen from a support: for a resistance the future is turned upside down, so that "above" is
always the side the price comes from.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from levels.candles import Candles, FloatArray, IntArray
from levels.evidence import BoolArray

Outcomes = NDArray[np.int8]

NEVER, FELL, HELD = -1, 0, 1
NAMES = ("race", "close", "stripe")
LATER = 5
"""Candles after the touch at which the outcome `close` looks."""


@dataclass(frozen=True, slots=True, eq=False)
class Fate:
    """Per level, (k,): bars from the moment to the touch (-1: none within the horizon), and its outcomes (k, 3)."""

    touch: IntArray
    outcomes: Outcomes


def fates(
    candles: Candles, at: int, prices: FloatArray, support: BoolArray, atr: float, change: float, horizon: int
) -> Fate:
    """The fates of levels known at the close of candle `at - 1`; the future is candles[at:], as far as it is there.

    A touch is the first bar within `horizon` that trades at the price. From it on, until 2 x horizon:
    race    price gets one ATR (`atr`, absolute) off the level on its own side before one beyond it; on the
            touch bar, and on a bar that does both, the worse is assumed, as nobody can tell what came first
    close   the close five candles after the touch is on the level's own side
    stripe  the first close outside a stripe as wide as the mean absolute change of closes (`change`) is on the
            level's own side (Garzarelli et al., Memory effects in stock price dynamics, 2014)
    NEVER where there was no touch or no decision.
    """
    future = candles[at : at + 2 * horizon]
    sign = np.where(support, 1.0, -1.0)[:, None]
    low = np.where(support[:, None], future.low, -future.high)
    high = np.where(support[:, None], future.high, -future.low)
    close, level = sign * future.close, sign * prices[:, None]
    touch = _first(low[:, :horizon] <= level)
    since = np.arange(len(future)) >= np.where(touch < 0, len(future), touch)[:, None]
    after = np.arange(len(future)) > np.where(touch < 0, len(future), touch)[:, None]
    race = _whichever(after & (high >= level + atr), since & (low <= level - atr))
    stripe = _whichever(since & (close > level + change / 2), since & (close < level - change / 2))
    return Fate(touch, np.stack((race, _later(close, level, touch), stripe), axis=1))


def _first(which: BoolArray) -> IntArray:
    """Per row the first true column, -1 if there is none."""
    if not which.shape[1]:
        return np.full(which.shape[0], -1)
    first = which.argmax(axis=1)
    return np.where(which[np.arange(first.size), first], first, -1)


def _whichever(good: BoolArray, bad: BoolArray) -> Outcomes:
    """HELD where the good comes strictly before the bad, FELL where not, NEVER where neither comes."""
    first_good, first_bad = _first(good), _first(bad)
    held = (first_good >= 0) & ((first_bad < 0) | (first_good < first_bad))
    return np.where(held, HELD, np.where(first_bad >= 0, FELL, NEVER)).astype(np.int8)


def _later(close: FloatArray, level: FloatArray, touch: IntArray) -> Outcomes:
    then = touch + LATER
    known = (touch >= 0) & (then < close.shape[1])
    if not known.any():
        return np.full(touch.size, NEVER, dtype=np.int8)
    own_side = close[np.arange(touch.size), np.where(known, then, 0)] > level[:, 0]
    return np.where(known, own_side, NEVER).astype(np.int8)
