"""The trades of a minute: together they are its candle, to the last digit. Pure.

Each minute has TRADES trades of its tape, and a trade without an amount wherever a price set by hand counts: when it
was set, and first and last in each minute that it opens or closes. Ids count a market's trades, so they have no gap.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from exchanges.bars import Bars
from simulator.history.pushes import Push
from simulator.history.timeline import MINUTE

TRADES = 13
"""Every five seconds, both ends included: so the open, both extremes and the close are among them."""

_STEP = 5_000
_LAST = 59_000
_LOT = 10**8


@dataclass(frozen=True, slots=True)
class MarketTrade:
    """`time`: ms."""

    id: int
    time: int
    price: float
    amount: float


def list_trades(minute: Bars, delay: int, decimals: int) -> list[MarketTrade]:
    """Return the trades of a whole minute (a `Bars` of length 1; empty: none), the first as it opens, the others
    `delay` ms (0 to 998) after a multiple of five seconds."""
    if not len(minute):
        return []
    opened = int(minute.time[0])
    o, h, l, c, volume = (float(column[0]) for column in minute.columns()[1:])  # noqa: E741
    turns = (o, l, h, c) if c >= o else (o, h, l, c)
    prices = np.interp(np.arange(TRADES), (0, 4, 8, 12), turns).round(decimals)
    prices[[0, 4, 8, 12]] = turns
    lots = round(volume * _LOT)
    shares = [lots * (number + 1) // TRADES - lots * number // TRADES for number in range(TRADES)]
    return [
        MarketTrade(
            opened // MINUTE * TRADES + number,
            opened + (min(number * _STEP, _LAST) + delay if number else 0),
            float(price),
            share / _LOT,
        )
        for number, (price, share) in enumerate(zip(prices, shares, strict=True))
    ]


def merge_pushes(trades: Sequence[MarketTrade], pushes: Sequence[Push]) -> list[MarketTrade]:
    """Return `trades`, of whole minutes, with those of the prices set by hand among them."""
    if not trades or not pushes:
        return list(trades)
    extra = sorted(_list_extra(pushes), key=lambda one: one[0])
    times, extra_times = [trade.time for trade in trades], [time for time, _ in extra]
    merged = [
        MarketTrade(one.id + bisect_right(extra_times, one.time), one.time, one.price, one.amount)
        for one in trades
    ]
    begin, end = times[0] // MINUTE * MINUTE, times[-1] // MINUTE * MINUTE + MINUTE
    for number, (time, price) in enumerate(extra):
        if begin <= time < end:
            before = bisect_right(times, time - 1)
            merged.append(MarketTrade(trades[0].id + before + number, time, price, 0.0))
    return sorted(merged, key=lambda one: one.id)


def _list_extra(pushes: Sequence[Push]) -> Iterator[tuple[int, float]]:
    for push in pushes:
        yield push.time, push.price
        for end in range(push.time // MINUTE * MINUTE + MINUTE, push.until + 1, MINUTE):
            yield end - 1, push.price
            if end < push.until:
                yield end, push.price
