"""Made-up markets: the same from everywhere, in every timeframe, and with levels in them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchanges.bars import Bars
from levels import Candles
from schemas.market import TIMEFRAMES, candle_end
from simulator.history.aggregate import aggregate_bars
from simulator.history.synthetic import GENESIS, SPELL
from simulator.history.synthetic_tape import SyntheticTape
from simulator.history.tape import Window
from simulator.history.timeline import DAY, HOUR, MINUTE
from simulator.listings import SYNTHETIC, SimulatedMarket

NOW = 1_767_614_400_000
TAPE = SyntheticTape(7)
traded = st.sampled_from(
    [SimulatedMarket(listing, kind) for listing in SYNTHETIC for kind in ("spot", "future")]
)
times = st.integers(GENESIS + DAY, NOW)


def columns(bars: Bars) -> list[list[float]]:
    return [column.tolist() for column in bars.columns()]


def fetch(of: SimulatedMarket, timeframe: str, end: int, limit: int, now: int = NOW) -> Bars:
    return TAPE.bars(of, timeframe, Window(end, limit), now)


@settings(max_examples=40, deadline=None)
@given(traded, times, st.sampled_from(sorted(TIMEFRAMES)))
def test_synthetic_bars_are_valid_candles(of: SimulatedMarket, end: int, timeframe: str) -> None:
    bars = fetch(of, timeframe, end, 50)
    Candles(
        time=bars.time, open=bars.open, high=bars.high, low=bars.low, close=bars.close, volume=bars.volume
    )
    # The open one may have had no trade yet.
    assert np.all(bars.volume[:-1] > 0)


@settings(max_examples=40, deadline=None)
@given(traded, times, st.sampled_from(["1m", "1h", "1d"]), st.integers(1, 40))
def test_synthetic_candle_is_independent_of_the_window(
    of: SimulatedMarket, end: int, timeframe: str, limit: int
) -> None:
    long = fetch(of, timeframe, end, 40 + limit)
    assert columns(fetch(of, timeframe, end, limit)) == columns(long[-limit:])
    start = TAPE.bars(of, timeframe, Window(end, limit, int(long.time[0])), NOW)
    assert columns(start) == columns(long[:limit])
    assert columns(SyntheticTape(7).bars(of, timeframe, Window(end, limit), NOW)) == columns(long[-limit:])


@settings(max_examples=30, deadline=None)
@given(traded, times, st.sampled_from(["3m", "15m", "30m", "1h", "2h", "4h", "1d"]))
def test_synthetic_candle_sums_its_minutes(of: SimulatedMarket, end: int, timeframe: str) -> None:
    coarse = fetch(of, timeframe, end, 2, now=NOW + 40 * DAY)
    last = candle_end(int(coarse.time[-1]), timeframe) - 1
    fine = fetch(of, "1m", last, 2 * TIMEFRAMES[timeframe] // MINUTE, now=NOW + 40 * DAY)
    assert columns(aggregate_bars(fine, timeframe)) == columns(coarse)


@settings(max_examples=40, deadline=None)
@given(traded, times, st.sampled_from(["1m", "5m", "1h", "1d", "1w", "1M"]))
def test_synthetic_open_candle_grows_into_the_closed_one(
    of: SimulatedMarket, now: int, timeframe: str
) -> None:
    young = fetch(of, timeframe, now, 1, now)
    opened, whole = int(young.time[0]), fetch(of, timeframe, now, 1, NOW + 40 * DAY)
    older = min(now + HOUR // 3, candle_end(opened, timeframe) - 1)
    for earlier, later in ((young, fetch(of, timeframe, older, 1, older)), (young, whole)):
        assert earlier.open[0] == later.open[0]
        assert earlier.high[0] <= later.high[0]
        assert earlier.low[0] >= later.low[0]
        assert earlier.volume[0] <= later.volume[0] + 1e-6


def test_synthetic_bars_end_now_and_begin_at_genesis() -> None:
    of = SimulatedMarket(SYNTHETIC[0], "spot")
    assert fetch(of, "1h", NOW + DAY, 5).time[-1] == NOW
    assert len(fetch(of, "1h", GENESIS - 1, 5)) == 0
    assert fetch(of, "1d", GENESIS + DAY, 500).time.tolist() == [GENESIS, GENESIS + DAY]
    assert len(TAPE.bars(of, "1h", Window(NOW, 5, NOW + DAY), NOW)) == 0


def test_synthetic_markets_differ_by_seed_and_symbol() -> None:
    spot, other = SimulatedMarket(SYNTHETIC[0], "spot"), SimulatedMarket(SYNTHETIC[1], "spot")
    one = fetch(spot, "1h", NOW, 500)
    assert not np.allclose(
        one.close, SyntheticTape(8).bars(spot, "1h", Window(NOW, 500), NOW).close, rtol=1e-3
    )
    assert not np.allclose(one.close / one.close[0], fetch(other, "1h", NOW, 500).close / other.listing.price)
    future = fetch(SimulatedMarket(SYNTHETIC[0], "future"), "1h", NOW, 500)
    assert np.allclose(one.close, future.close, rtol=0.01)


@pytest.mark.parametrize("listing", SYNTHETIC[:6], ids=lambda listing: listing.symbol)
def test_synthetic_market_turns_at_its_levels(listing: object) -> None:
    """Of the extremes of a day to both sides, more lie within 0.3 % of a rung than would by chance."""
    of = next(SimulatedMarket(known, "spot") for known in SYNTHETIC if known is listing)
    bars = fetch(of, "1h", NOW, 30 * SPELL)
    ladder = TAPE.rungs(of)
    highs = np.lib.stride_tricks.sliding_window_view(bars.high, 49).max(axis=1)
    peaks = bars.high[24:-24][bars.high[24:-24] == highs]

    def near(prices: np.ndarray) -> float:
        return float(np.mean(np.abs(prices[:, None] / ladder - 1).min(axis=1) < 0.003))

    assert near(peaks) > 1.5 * near(bars.close)
