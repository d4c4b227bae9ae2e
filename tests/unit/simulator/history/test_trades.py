"""The trades of simulated minutes add up to their candles, also where prices were set by hand."""

from collections.abc import Sequence
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from exchanges.bars import Bars
from simulator.history.pushes import Push, add_push, apply_pushes
from simulator.history.synthetic_tape import SyntheticTape
from simulator.history.tape import Window
from simulator.history.timeline import MINUTE
from simulator.history.trades import MarketTrade, list_trades, merge_pushes
from simulator.listings import SYNTHETIC, SimulatedMarket

FIRST = 1_767_614_400_000
END = FIRST + 4 * MINUTE
TAPE = SyntheticTape(1)


def read_minutes(number: int) -> Bars:
    """Return four minutes of a listing."""
    traded = SimulatedMarket(SYNTHETIC[number], "spot")
    return TAPE.bars(traded, "1m", Window(END - 1, 4, FIRST), END)


def trade_minutes(minutes: Bars, number: int, pushes: Sequence[Push] = ()) -> list[MarketTrade]:
    decimals = SYNTHETIC[number].decimals
    listed = [one for i in range(len(minutes)) for one in list_trades(minutes[i : i + 1], 7, decimals)]
    return merge_pushes(listed, pushes)


def add_up(trades: Sequence[MarketTrade], opened: int) -> tuple[float, ...]:
    """Return open, high, low, close and volume of a minute."""
    own = [one for one in trades if opened <= one.time < opened + MINUTE]
    prices = [one.price for one in own]
    volume = sum((Decimal(repr(one.amount)) for one in own), Decimal())
    return prices[0], max(prices), min(prices), prices[-1], float(volume)


@given(
    number=st.integers(0, len(SYNTHETIC) - 2),
    pushed=st.lists(st.tuples(st.integers(0, 4 * MINUTE - 1), st.integers(1, 9)), max_size=5),
)
def test_trades_of_a_minute_are_its_candle(number: int, pushed: list[tuple[int, int]]) -> None:
    minutes = read_minutes(number)
    pushes: list[Push] = []
    for time, price in sorted(dict(pushed).items()):
        pushes = add_push(pushes, FIRST + time, float(price))
    trades = trade_minutes(minutes, number, pushes)
    candles = apply_pushes(minutes, "1m", Window(END - 1, 4, FIRST), pushes, END + MINUTE)
    rows = zip(*(column.tolist() for column in candles.columns()), strict=True)
    for opened, *values in list(rows)[:4]:
        assert add_up(trades, int(opened)) == tuple(values)
    assert [one.id for one in trades] == list(range(trades[0].id, trades[0].id + len(trades)))
    assert [one.time for one in trades] == sorted(one.time for one in trades)


def test_minute_without_a_candle_has_no_trades() -> None:
    assert list_trades(Bars.empty(), 1, 2) == []
