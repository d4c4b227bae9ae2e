"""Synthetic markets as seen at a time: closed candles, and the elapsed part of the open one."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from exchanges.bars import Bars, FloatArray, IntArray
from schemas.market import TIMEFRAMES, candle_end
from simulator.history.aggregate import aggregate_bars
from simulator.history.minutes import split_hours
from simulator.history.seconds import SECOND, partial_minute
from simulator.history.synthetic import GENESIS, HourlyMarket, hour_of
from simulator.history.tape import Window
from simulator.history.timeline import HOUR, MINUTE, open_time, shift_open_time
from simulator.listings import SYNTHETIC, Listing, SimulatedMarket


class SyntheticTape:
    """Every timeframe of every listing since GENESIS."""

    kind = "synthetic"

    def __init__(self, seed: int, listings: Sequence[Listing] = SYNTHETIC) -> None:
        self.origin = f"made up from seed {seed}"
        self._listings = tuple(listings)
        # The cache holds no state: a market can be generated again from the seed.
        size = max(256, 2 * len(self._listings))
        self._market = lru_cache(maxsize=size)(lambda traded: HourlyMarket(seed, traded))

    def rungs(self, traded: SimulatedMarket) -> FloatArray:
        """Return the prices where this market turns, lowest first: the ground truth for an analysis."""
        return self._market(traded).rungs()

    def listings(self) -> Sequence[Listing]:
        return self._listings

    def timeframes(self, listing: Listing) -> Sequence[str]:
        return sorted(TIMEFRAMES, key=TIMEFRAMES.__getitem__)

    def bars(self, traded: SimulatedMarket, timeframe: str, window: Window, now: int) -> Bars:
        span = _span(timeframe, window, now)
        if span is None:
            return Bars.empty()
        first, last = span
        market: HourlyMarket = self._market(traded)
        until = candle_end(last, timeframe)
        if until <= now:
            return _past(market, timeframe, first, until)
        past, present = _past(market, timeframe, first, last), _present(market, timeframe, last, now)
        return Bars.concat((past, present))


def _span(timeframe: str, window: Window, now: int) -> tuple[int, int] | None:
    """Return the first and last open time of the window; None where it is empty."""
    oldest = open_time(GENESIS, timeframe)
    if oldest < GENESIS:
        oldest = shift_open_time(oldest, timeframe, 1)
    last = open_time(min(window.end, now), timeframe)
    if window.start is None:
        first = max(shift_open_time(last, timeframe, 1 - window.limit), oldest)
    else:
        first = max(_next_opening(window.start, timeframe), oldest)
        last = min(last, shift_open_time(first, timeframe, window.limit - 1))
    return (first, last) if first <= last else None


def _next_opening(time_ms: int, timeframe: str) -> int:
    floor = open_time(time_ms, timeframe)
    return floor if floor == time_ms else shift_open_time(floor, timeframe, 1)


def _past(market: HourlyMarket, timeframe: str, first: int, until: int) -> Bars:
    """Return whole candles from `first` to the one that ends at `until`."""
    if until <= first:
        return Bars.empty()
    cut = _minutes if TIMEFRAMES[timeframe] < HOUR else _hours
    # `first` is an open time, so the first candle is whole.
    whole = aggregate_bars(cut(market, first, until), timeframe)
    return whole[(whole.time >= first) & (whole.time < until)]


def _present(market: HourlyMarket, timeframe: str, opened: int, now: int) -> Bars:
    """Return the candle open at `now`: its whole hours, then whole minutes, then the part of a minute."""
    hour, minute = now - now % HOUR, now - now % MINUTE
    parts = [
        _hours(market, opened, hour) if hour > opened else Bars.empty(),
        _minutes(market, max(opened, hour), minute) if minute > max(opened, hour) else Bars.empty(),
        partial_minute(
            market.noise,
            _minutes(market, minute, minute + MINUTE),
            (now - minute) // SECOND,
            market.decimals,
        ),
    ]
    return aggregate_bars(Bars.concat(parts), timeframe)


def _hours(market: HourlyMarket, begin: int, until: int) -> Bars:
    first = hour_of(begin)
    values = market.hours(first, hour_of(until) - first)
    return _bars(market, GENESIS + HOUR * np.arange(first, first + values.shape[1], dtype=np.int64), values)


def _minutes(market: HourlyMarket, begin: int, until: int) -> Bars:
    first = hour_of(begin)
    hours = market.hours(first, hour_of(until - 1) - first + 1)
    times = GENESIS + HOUR * first + MINUTE * np.arange(hours.shape[1] * 60, dtype=np.int64)
    values = split_hours(market.noise, first, hours)
    wanted = (times >= begin) & (times < until)
    return _bars(market, times[wanted], values[:, wanted])


def _bars(market: HourlyMarket, times: IntArray, values: NDArray[np.int64]) -> Bars:
    opened, high, low, closed = values[:4] / market.ticks_per_unit
    return Bars(times, opened, high, low, closed, values[4] / market.lots_per_unit)
