"""Outcomes of a level after a moment: whether it was touched, and three definitions of whether it held.

Everything is seen from a support: for a resistance the future is turned upside down, so that "above" is
always the side the price comes from.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from levels.candles import Candles, FloatArray, IntArray
from levels.pivots import BoolArray

Outcomes = NDArray[np.int8]

NO_OUTCOME, FAILED, HELD = -1, 0, 1
OUTCOME_NAMES = ("race", "close", "stripe")
CLOSE_AFTER = 5
"""The outcome `close` is decided this many candles after the touch."""


@dataclass(frozen=True, slots=True, eq=False)
class LevelOutcomes:
    """Per level, (k,): bars from the moment to the touch (-1: none within the horizon), and its outcomes (k, 3)."""

    touch: IntArray
    outcomes: Outcomes


def find_outcomes(
    candles: Candles, at: int, prices: FloatArray, support: BoolArray, atr: float, change: float, horizon: int
) -> LevelOutcomes:
    """Return the outcomes of levels known at the close of candle `at - 1`, from the candles[at:] there are.

    A touch is the first bar within `horizon` that trades at the price. From it on, until 2 x horizon:
    race    price gets one ATR (`atr`, absolute) off the level on its own side before one beyond it; on the
            touch bar, and on a bar that does both, the worse is assumed, because the order within a bar is unknown
    close   the close five candles after the touch is on the level's own side
    stripe  the first close outside a stripe as wide as the mean absolute change of closes (`change`) is on the
            level's own side (Garzarelli et al., Memory effects in stock price dynamics, 2014)
    NO_OUTCOME where there was no touch or no decision.
    """
    future = candles[at : at + 2 * horizon]
    sign = np.where(support, 1.0, -1.0)[:, None]
    low = np.where(support[:, None], future.low, -future.high)
    high = np.where(support[:, None], future.high, -future.low)
    close, level = sign * future.close, sign * prices[:, None]
    touch = _first_true(low[:, :horizon] <= level)
    since = np.arange(len(future)) >= np.where(touch < 0, len(future), touch)[:, None]
    after = np.arange(len(future)) > np.where(touch < 0, len(future), touch)[:, None]
    race = _decide_race(after & (high >= level + atr), since & (low <= level - atr))
    stripe = _decide_race(since & (close > level + change / 2), since & (close < level - change / 2))
    return LevelOutcomes(touch, np.stack((race, _decide_close(close, level, touch), stripe), axis=1))


def _first_true(which: BoolArray) -> IntArray:
    """Return the first true column of each row, -1 where there is none."""
    if not which.shape[1]:
        return np.full(which.shape[0], -1)
    first = which.argmax(axis=1)
    return np.where(which[np.arange(first.size), first], first, -1)


def _decide_race(good: BoolArray, bad: BoolArray) -> Outcomes:
    """Return HELD where good comes strictly before bad, FAILED where it does not, NO_OUTCOME where neither comes."""
    first_good, first_bad = _first_true(good), _first_true(bad)
    held = (first_good >= 0) & ((first_bad < 0) | (first_good < first_bad))
    return np.where(held, HELD, np.where(first_bad >= 0, FAILED, NO_OUTCOME)).astype(np.int8)


def _decide_close(close: FloatArray, level: FloatArray, touch: IntArray) -> Outcomes:
    then = touch + CLOSE_AFTER
    known = (touch >= 0) & (then < close.shape[1])
    if not known.any():
        return np.full(touch.size, NO_OUTCOME, dtype=np.int8)
    own_side = close[np.arange(touch.size), np.where(known, then, 0)] > level[:, 0]
    return np.where(known, own_side, NO_OUTCOME).astype(np.int8)
