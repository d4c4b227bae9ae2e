"""Made-up markets, seen at a time: whole candles of the past, and the piece of the present one that is over."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from exchanges.bars import Bars, FloatArray, IntArray
from schemas.market import TIMEFRAMES, candle_end
from simulator.aggregate import aggregated
from simulator.listings import SYNTHETIC, Listing, Traded
from simulator.minutes import minutes
from simulator.seconds import SECOND, seconds_so_far
from simulator.synthetic import GENESIS, HourlyMarket, hour_of
from simulator.tape import Window
from simulator.timeline import HOUR, MINUTE, opening, shifted


class SyntheticTape:
    """Every timeframe of every listing since GENESIS."""

    kind = "synthetic"

    def __init__(self, seed: int) -> None:
        self.origin = f"made up from seed {seed}"
        # What is kept is no state: a market can be made again from the seed at any time.
        self._market = lru_cache(maxsize=256)(lambda traded: HourlyMarket(seed, traded))

    def rungs(self, traded: Traded) -> FloatArray:
        """The prices that this market turns at, lowest first: the truth that an analysis can be held to."""
        return self._market(traded).rungs()

    def listings(self) -> Sequence[Listing]:
        return SYNTHETIC

    def timeframes(self, listing: Listing) -> Sequence[str]:
        return sorted(TIMEFRAMES, key=TIMEFRAMES.__getitem__)

    def bars(self, traded: Traded, timeframe: str, window: Window, now: int) -> Bars:
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
    """First and last open time that the window shows, None where it shows nothing."""
    oldest = opening(GENESIS, timeframe)
    if oldest < GENESIS:
        oldest = shifted(oldest, timeframe, 1)
    last = opening(min(window.end, now), timeframe)
    if window.start is None:
        first = max(shifted(last, timeframe, 1 - window.limit), oldest)
    else:
        first = max(_next_opening(window.start, timeframe), oldest)
        last = min(last, shifted(first, timeframe, window.limit - 1))
    return (first, last) if first <= last else None


def _next_opening(time_ms: int, timeframe: str) -> int:
    floor = opening(time_ms, timeframe)
    return floor if floor == time_ms else shifted(floor, timeframe, 1)


def _past(market: HourlyMarket, timeframe: str, first: int, until: int) -> Bars:
    """Whole candles from `first` to the one that ends at `until`."""
    if until <= first:
        return Bars.empty()
    cut = _minutes if TIMEFRAMES[timeframe] < HOUR else _hours
    # The first candle is whole, so nothing before it has slipped in: `first` is an open time.
    whole = aggregated(cut(market, first, until), timeframe)
    return whole[(whole.time >= first) & (whole.time < until)]


def _present(market: HourlyMarket, timeframe: str, opened: int, now: int) -> Bars:
    """The candle open at `now`: its whole hours, then whole minutes, then the piece of a minute."""
    hour, minute = now - now % HOUR, now - now % MINUTE
    parts = [
        _hours(market, opened, hour) if hour > opened else Bars.empty(),
        _minutes(market, max(opened, hour), minute) if minute > max(opened, hour) else Bars.empty(),
        seconds_so_far(
            market.noise,
            _minutes(market, minute, minute + MINUTE),
            (now - minute) // SECOND,
            market.decimals,
        ),
    ]
    return aggregated(Bars.concat(parts), timeframe)


def _hours(market: HourlyMarket, begin: int, until: int) -> Bars:
    first = hour_of(begin)
    values = market.hours(first, hour_of(until) - first)
    return _bars(market, GENESIS + HOUR * np.arange(first, first + values.shape[1], dtype=np.int64), values)


def _minutes(market: HourlyMarket, begin: int, until: int) -> Bars:
    first = hour_of(begin)
    hours = market.hours(first, hour_of(until - 1) - first + 1)
    times = GENESIS + HOUR * first + MINUTE * np.arange(hours.shape[1] * 60, dtype=np.int64)
    values = minutes(market.noise, first, hours)
    wanted = (times >= begin) & (times < until)
    return _bars(market, times[wanted], values[:, wanted])


def _bars(market: HourlyMarket, times: IntArray, values: NDArray[np.int64]) -> Bars:
    opened, high, low, closed = values[:4] / market.ticks_per_unit
    return Bars(times, opened, high, low, closed, values[4] / market.lots_per_unit)
