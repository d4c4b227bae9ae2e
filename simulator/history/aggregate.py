"""Builds longer candles from shorter ones."""

import numpy as np

from exchanges.bars import Bars, IntArray
from simulator.history.timeline import floor_to_open_times


def aggregate_bars(fine: Bars, timeframe: str) -> Bars:
    """Return the candles of `timeframe` that `fine` (sorted) adds up to; the first and last may be incomplete."""
    if not len(fine):
        return fine
    opens = floor_to_open_times(fine.time, timeframe)
    starts: IntArray = np.flatnonzero(np.diff(opens, prepend=opens[0] - 1))
    ends = np.append(starts[1:], len(fine)) - 1
    return Bars(
        opens[starts],
        fine.open[starts],
        np.maximum.reduceat(fine.high, starts),
        np.minimum.reduceat(fine.low, starts),
        fine.close[ends],
        np.add.reduceat(fine.volume, starts).round(8),
    )


def partial_bar(bar: Bars, fraction: float, decimals: int) -> Bars:
    """Return one candle (a `Bars` of length 1) as it looks after `fraction` (0 to 1) of its time.

    Inside a candle the price moves linearly from the open to the nearer extreme, to the other one, and to the close,
    a third of the time each: a recording holds no more, and the end must not show at the beginning. Prices are
    rounded to `decimals`.
    """
    o, h, l, c = (float(column[0]) for column in (bar.open, bar.high, bar.low, bar.close))  # noqa: E741
    turns = (o, l, h, c) if c >= o else (o, h, l, c)
    done = min(max(fraction, 0.0), 1.0) * 3
    leg = min(int(done), 2)
    price = round(turns[leg] + (turns[leg + 1] - turns[leg]) * (done - leg), decimals)
    seen = (*turns[: leg + 1], price)
    return Bars(
        bar.time,
        bar.open,
        np.array([max(seen)]),
        np.array([min(seen)]),
        np.array([price]),
        np.array([round(float(bar.volume[0]) * done / 3, 8)]),
    )
