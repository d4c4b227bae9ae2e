"""A minute as it unfolds."""

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from exchanges.bars import Bars
from simulator.history.noise import Noise
from simulator.history.seconds import SECOND, partial_minute
from simulator.history.synthetic_tape import SyntheticTape
from simulator.history.tape import Window
from simulator.listings import SYNTHETIC, SimulatedMarket

NOON = 1_767_614_400_000
MINUTE = Bars.from_rows([[NOON, 100.0, 101.0, 99.0, 100.5, 6.0]])
NOISE = Noise(1, "test")


def seen(second: int) -> tuple[float, float, float, float]:
    bar = partial_minute(NOISE, MINUTE, second, 2)
    return float(bar.open[0]), float(bar.high[0]), float(bar.low[0]), float(bar.close[0])


@given(st.integers(1, 59))
def test_partial_minute_keeps_earlier_extremes(second: int) -> None:
    (_, high, low, _), (opened, higher, lower, price) = seen(second - 1), seen(second)
    assert 99.0 <= lower <= low <= high <= higher <= 101.0
    assert opened == 100.0
    assert lower <= price <= higher


def test_partial_minute_reaches_both_extremes() -> None:
    assert seen(59)[1:3] == (101.0, 99.0)
    assert len({seen(second)[3] for second in range(60)}) > 40


def test_partial_minute_moves_every_second_in_expensive_markets() -> None:
    tape = SyntheticTape(1)
    for listing in [one for one in SYNTHETIC if one.base in {"BTC", "ETH", "SOL"}]:
        of = SimulatedMarket(listing, "spot")
        times = NOON + SECOND * np.arange(60)
        prices = [float(tape.bars(of, "1h", Window(int(t), 1), int(t)).close[-1]) for t in times]
        moved = sum(a != b for a, b in itertools.pairwise(prices))
        assert moved >= 30, listing.base
