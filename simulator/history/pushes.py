"""Prices set by hand: each is traded for a minute, then the market continues from its tape."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from exchanges.bars import Bars
from schemas.market import candle_end
from simulator.history.tape import Window
from simulator.history.timeline import MINUTE, open_time

HOLD_MS = MINUTE


@dataclass(frozen=True, slots=True)
class Push:
    """`price` was traded from `time` (ms) for HOLD_MS, or until the next push."""

    time: int
    price: float
    until: int


def add_push(pushes: Sequence[Push], time_ms: int, price: float) -> list[Push]:
    """Return `pushes` and one more, which ends the previous one."""
    earlier = [Push(p.time, p.price, min(p.until, time_ms)) for p in pushes]
    return [*earlier, Push(time_ms, price, time_ms + HOLD_MS)]


def price_now(pushes: Sequence[Push], now: int) -> float | None:
    """Return the pushed price in force, if any."""
    return next((p.price for p in reversed(pushes) if p.time <= now < p.until), None)


def apply_pushes(bars: Bars, timeframe: str, window: Window, pushes: Sequence[Push], now: int) -> Bars:
    """Return `bars` with the pushes traded in them; a candle without other trades is added."""
    for push in pushes:
        bars = _add_candle(bars, timeframe, window, push)
        bars = _apply_push(bars, timeframe, push, now)
    return bars


def _add_candle(bars: Bars, timeframe: str, window: Window, push: Push) -> Bars:
    """Add a candle for a push after the last one (a recording has ended), opened at the last close."""
    opens = open_time(push.time, timeframe)
    if not len(bars) or opens <= bars.time[-1] or not (window.start or 0) <= opens <= window.end:
        return bars
    last = bars.close[-1:]
    new = Bars(np.array([opens], np.int64), last, last, last, last, np.zeros(1))
    return Bars.concat((bars, new))[-window.limit :]


def _apply_push(bars: Bars, timeframe: str, push: Push, now: int) -> Bars:
    until = min(push.until, now + 1)
    first, stop = np.searchsorted(bars.time, (open_time(push.time, timeframe), until))
    changed = bars[np.arange(len(bars))]
    for i in range(int(first), int(stop)):
        changed.high[i], changed.low[i] = max(changed.high[i], push.price), min(changed.low[i], push.price)
        if push.time <= changed.time[i]:
            changed.open[i] = push.price
        if until >= min(candle_end(int(changed.time[i]), timeframe), now + 1):
            changed.close[i] = push.price
    return changed
