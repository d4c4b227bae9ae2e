"""Longer candles made of minutes equal those that the exchange makes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchanges.bars import Bars
from exchanges.ports import Candle
from producers.feed.minutes import MINUTE, ClosedMinute
from producers.feed.rollup import ClosedCandle, Rollup, add_up
from schemas.calendar import default_phase
from schemas.market import TIMEFRAMES, candle_end, candle_open_of_ms
from simulator.history.synthetic_tape import SyntheticTape
from simulator.history.tape import Window
from simulator.listings import SYNTHETIC, SimulatedMarket

DAY = 86_400_000
MONDAY = 1_767_571_200_000  # 2026-01-05


def to_candles(bars: Bars) -> list[Candle]:
    return [Candle(*row) for row in zip(*(column.tolist() for column in bars.columns()), strict=True)]


def minutes(begin: int, end: int, symbol: str = "SOLUSDT") -> list[Candle]:
    """Return the simulated minutes of a market."""
    return history("1m", begin, end, symbol)


def history(timeframe: str, begin: int, end: int, symbol: str = "SOLUSDT") -> list[Candle]:
    listing = next(one for one in SYNTHETIC if one.symbol == symbol)
    market = SimulatedMarket(listing, "spot")
    bars = SyntheticTape(1).bars(market, timeframe, Window(end - 1, 100_000, begin), end + 40 * DAY)
    return to_candles(bars)


def feed(rollup: Rollup, candles: list[Candle]) -> list[ClosedCandle]:
    return [
        closed for candle in candles for closed in rollup.add(ClosedMinute(candle.time, candle, "stream"))[0]
    ]


@pytest.mark.parametrize("symbol", ["BTCUSDT", "SHIBUSDT"])
def test_rolled_up_candles_equal_the_history_of_the_exchange(symbol: str) -> None:
    timeframes = [name for name in TIMEFRAMES if name not in {"1w", "1M"}]
    end = MONDAY + 3 * DAY
    closed = feed(Rollup("sim", timeframes), minutes(MONDAY, end, symbol))
    for timeframe in timeframes:
        rolled = [one.candle for one in closed if one.timeframe == timeframe]
        known = [
            one for one in history(timeframe, MONDAY, end, symbol) if candle_end(one.time, timeframe) <= end
        ]
        first = candle_open_of_ms(MONDAY, timeframe)
        assert rolled == [one for one in known if one.time >= (first if first == MONDAY else first + 1)]
        assert len(rolled) >= 1 or timeframe == "3d"


@pytest.mark.parametrize("exchange", ["kucoin", "htx"])
def test_weeks_and_days_begin_where_the_exchange_begins_them(exchange: str) -> None:
    rollup, opens = Rollup(exchange, ["1d", "1w", "1M"]), dict[str, set[int]]()
    one = Candle(0, 1.0, 1.0, 1.0, 1.0, 1.0)
    for hour in range(MONDAY - 6 * DAY, MONDAY + 28 * DAY, MINUTE * 60):
        # Minutes without trades are cheap, and a candle of one minute is one all the same.
        for time in range(hour, hour + 60 * MINUTE, MINUTE):
            closed, _ = rollup.add(ClosedMinute(time, one if time == hour else None, "stream"))
            for candle in closed:
                opens.setdefault(candle.timeframe, set()).add(candle.candle.time)
    for timeframe in ("1d", "1w"):
        phases = {time % TIMEFRAMES[timeframe] for time in opens[timeframe]}
        assert phases == {default_phase(exchange, timeframe)}
    # A month that does not consist of whole days is fetched.
    assert opens.get("1M") == (None if exchange == "htx" else {candle_open_of_ms(MONDAY, "1M")})


def test_candle_of_which_the_beginning_is_unknown_is_missing() -> None:
    rollup = Rollup("sim", ["5m", "1h"])
    candles = minutes(MONDAY + 2 * MINUTE, MONDAY + 65 * MINUTE)
    outcomes = [rollup.add(ClosedMinute(one.time, one, "stream")) for one in candles]
    missing = [(one.timeframe, one.time, one.cause) for _, found in outcomes for one in found]
    assert missing == [("5m", MONDAY, "cold"), ("1h", MONDAY, "cold")]
    fetched = history("1h", MONDAY, MONDAY + 60 * MINUTE)[0]
    assert rollup.accept("1h", fetched) == [ClosedCandle("1h", fetched, "rest", 0)]
    assert rollup.accept("1h", fetched) == []


def test_minutes_without_trades_leave_no_trace_in_longer_candles() -> None:
    rollup = Rollup("sim", ["1m", "5m"])
    (first, *_) = minutes(MONDAY, MONDAY + MINUTE)
    rollup.add(ClosedMinute(MONDAY, first, "stream"))
    closed = [
        one
        for number in range(1, 10)
        for one in rollup.add(ClosedMinute(MONDAY + number * MINUTE, None, "rest"))[0]
    ]
    assert closed == [ClosedCandle("5m", first, "rollup", 0)]


def test_revised_minute_revises_the_longer_candles_that_hold_it() -> None:
    rollup, candles = Rollup("sim", ["1m", "5m", "1h"]), minutes(MONDAY, MONDAY + 10 * MINUTE)
    feed(rollup, candles)
    changed = Candle(candles[1].time, candles[1].open, 1e6, candles[1].low, candles[1].close, 1.0)
    closed, missing = rollup.add(ClosedMinute(changed.time, changed, "rest", 1))
    assert [(one.timeframe, one.revision, one.candle.high) for one in closed] == [
        ("1m", 1, 1e6),
        ("5m", 1, 1e6),
    ]
    assert missing == []


def test_old_revised_minute_makes_its_longer_candles_missing() -> None:
    rollup = Rollup("sim", ["1m", "4h"])
    candles = minutes(MONDAY, MONDAY + 8 * 60 * MINUTE)
    feed(rollup, candles)
    closed, missing = rollup.add(ClosedMinute(MONDAY, candles[0], "rest", 1))
    assert [one.timeframe for one in closed] == ["1m"]
    assert [(one.timeframe, one.time, one.cause) for one in missing] == [("4h", MONDAY, "revised")]


@settings(max_examples=50)
@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=60))
def test_volumes_are_added_as_decimals(lots: list[int]) -> None:
    """The sum is the double nearest to the exact sum, as an exchange writes it."""
    parts = [
        Candle(n, 1.0, 1.0, 1.0, 1.0, float(f"{lot // 10**8}.{lot % 10**8:08d}"))
        for n, lot in enumerate(lots)
    ]
    total = sum(lots)
    assert add_up(0, parts).volume == float(f"{total // 10**8}.{total % 10**8:08d}")


def test_sum_of_doubles_would_differ() -> None:
    volumes = [0.1] * 10
    parts = [Candle(n, 1.0, 1.0, 1.0, 1.0, volume) for n, volume in enumerate(volumes)]
    assert add_up(0, parts).volume == 1.0
    assert float(np.cumsum(volumes)[-1]) != 1.0
