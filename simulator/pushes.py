"""Prices that someone set by hand: each is traded for a minute, then the market goes its own way again."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from exchanges.bars import Bars
from schemas.market import candle_end
from simulator.tape import Window
from simulator.timeline import MINUTE, opening

HOLD_MS = MINUTE


@dataclass(frozen=True, slots=True)
class Push:
    """`price` was traded from `time` (ms) for HOLD_MS, or until the next push."""

    time: int
    price: float
    until: int


def pushed(pushes: Sequence[Push], time_ms: int, price: float) -> list[Push]:
    """`pushes` and one more, which ends the one before it."""
    earlier = [Push(p.time, p.price, min(p.until, time_ms)) for p in pushes]
    return [*earlier, Push(time_ms, price, time_ms + HOLD_MS)]


def price_now(pushes: Sequence[Push], now: int) -> float | None:
    """The pushed price in force, if one is."""
    return next((p.price for p in reversed(pushes) if p.time <= now < p.until), None)


def overlaid(bars: Bars, timeframe: str, window: Window, pushes: Sequence[Push], now: int) -> Bars:
    """`bars` as they look with the pushes traded in them; a candle that nothing else traded in is added."""
    for push in pushes:
        bars = _with_room(bars, timeframe, window, push)
        bars = _traded(bars, timeframe, push, now)
    return bars


def _with_room(bars: Bars, timeframe: str, window: Window, push: Push) -> Bars:
    """A candle for a push that lies after all others (a recording has ended), opened at the last close."""
    opens = opening(push.time, timeframe)
    if not len(bars) or opens <= bars.time[-1] or not (window.start or 0) <= opens <= window.end:
        return bars
    last = bars.close[-1:]
    new = Bars(np.array([opens], np.int64), last, last, last, last, np.zeros(1))
    return Bars.concat((bars, new))[-window.limit :]


def _traded(bars: Bars, timeframe: str, push: Push, now: int) -> Bars:
    until = min(push.until, now + 1)
    first, stop = np.searchsorted(bars.time, (opening(push.time, timeframe), until))
    changed = bars[np.arange(len(bars))]
    for i in range(int(first), int(stop)):
        changed.high[i], changed.low[i] = max(changed.high[i], push.price), min(changed.low[i], push.price)
        if push.time <= changed.time[i]:
            changed.open[i] = push.price
        if until >= min(candle_end(int(changed.time[i]), timeframe), now + 1):
            changed.close[i] = push.price
    return changed
