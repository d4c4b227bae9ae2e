"""What is built from trades is what the exchange has, whatever happens to single trades."""

import math
from collections.abc import Mapping, Sequence

from hypothesis import given
from hypothesis import strategies as st

from exchanges.ports import Candle, EmptyMinutes, Tradable, Trade, UnreadableTrade
from producers.feed.follower import InstrumentFollower
from producers.feed.gaps import plan_fetches
from producers.feed.minutes import MINUTE
from producers.feed.rollup import ClosedCandle
from producers.feed.trade_intake import TradeIntake

START = 1_767_614_400_000
MINUTES = 6
END = START + MINUTES * MINUTE
MARKETS = [Tradable("sim", "spot", symbol) for symbol in ("BTCUSDT", "ETHUSDT")]
STEP = 5_000


class Trades:
    """A TradeStream that is only asked for what it is."""

    has_consecutive_ids = True
    empty_minutes: EmptyMinutes | None = "carried"

    async def next(self, timeout: float) -> Sequence[Trade]:
        return []

    async def close(self) -> None: ...


def list_trades(market: Tradable) -> list[Trade]:
    """Return trades every five seconds; none in the fourth minute of the second market."""
    times = range(START - 10_000, START + MINUTES * MINUTE + 10_000, STEP)
    if market == MARKETS[1]:
        times = [time for time in times if not 3 * MINUTE <= time - START < 4 * MINUTE]  # type: ignore[assignment]
    return [
        Trade(market, str(number), 100.0 + 7 * number % 13, 0.1 + number % 3, time)
        for number, time in enumerate(times)
    ]


def history(market: Tradable) -> Mapping[int, Candle]:
    """Return the exchange's minutes: one without trades has the last close."""
    candles: dict[int, Candle] = {}
    trades = list_trades(market)
    for opened in range(START, START + MINUTES * MINUTE, MINUTE):
        own = [one for one in trades if opened <= one.at < opened + MINUTE]
        prices = [one.price for one in own] or [[one for one in trades if one.at < opened][-1].price]
        volume = round(math.fsum(one.amount for one in own), 8)
        candles[opened] = Candle(opened, prices[0], max(prices), min(prices), prices[-1], volume)
    return candles


class Run:
    """Two followers of a stream of trades, and the exchange that answers what they fetch."""

    def __init__(self) -> None:
        self.followers = {
            one.symbol: InstrumentFollower("sim", ["1m", "5m"], START - 5_000) for one in MARKETS
        }
        self.intake = TradeIntake(Trades(), lambda symbol, _: self.followers[symbol])
        self.published: list[tuple[Tradable, ClosedCandle]] = []

    def take(self, trades: Sequence[Trade | UnreadableTrade], now: int) -> None:
        self.published += self.intake.take(trades, now)

    def repair(self, now: int) -> None:
        """Fetch what is missing."""
        for market in MARKETS:
            follower = self.followers[market.symbol]
            for fetch in plan_fetches(follower.find_missing(now, START - 5_000)):
                candles = [one for time, one in history(market).items() if fetch.first <= time < fetch.end]
                if fetch.timeframe == "1m":
                    self.published += ((market, one) for one in follower.answer(fetch, candles))

    def newest(self, market: Tradable) -> dict[int, Candle]:
        """Return the last published revision of each minute."""
        own = [one for of, one in self.published if of == market and one.timeframe == "1m"]
        return {one.candle.time: one.candle for one in own}


faults = st.dictionaries(
    st.tuples(st.sampled_from([one.symbol for one in MARKETS]), st.integers(0, 12 * MINUTES)),
    st.sampled_from(["drop", "double", "late"]),
    max_size=12,
)


@given(struck=faults)
def test_minutes_equal_the_history_of_the_exchange(struck: Mapping[tuple[str, int], str]) -> None:
    run = Run()
    sent: list[tuple[int, Trade]] = []
    for market in MARKETS:
        for trade in list_trades(market):
            # A gap shows by the trades after it: those after the last minute arrive.
            kind = struck.get((market.symbol, int(trade.id or ""))) if trade.at < END else None
            if kind != "drop":
                sent.append((trade.at + (9_000 if kind == "late" else 0), trade))
            if kind == "double":
                sent.append((trade.at + 100, trade))
    for at, trade in sorted(sent, key=lambda one: one[0]):
        run.take([trade], at)
        run.repair(at)
    run.repair(START + MINUTES * MINUTE + 12_000)
    for market in MARKETS:
        expected = history(market)
        built = {time: one for time, one in run.newest(market).items() if time in expected}
        assert built == expected


@given(lost=st.integers(0, 12 * MINUTES))
def test_unreadable_trade_leaves_the_minutes_of_all_markets_right(lost: int) -> None:
    run = Run()
    for trade in sorted((one for market in MARKETS for one in list_trades(market)), key=lambda one: one.at):
        is_lost = trade.market == MARKETS[0] and trade.id == str(lost)
        run.take([UnreadableTrade(trade.market) if is_lost else trade], trade.at)
        run.repair(trade.at)
    run.repair(START + MINUTES * MINUTE + 12_000)
    for market in MARKETS:
        assert {time: run.newest(market)[time] for time in history(market)} == history(market)
    origins = [one.origin for of, one in run.published if of == MARKETS[1] and one.timeframe == "1m"]
    assert origins[-MINUTES:].count("rest") <= 2, "the first, and one that its last trade would have closed"


def test_trades_close_minutes_without_a_fetch_once_one_was_equal() -> None:
    run = Run()
    for trade in sorted((one for market in MARKETS for one in list_trades(market)), key=lambda one: one.at):
        run.take([trade], trade.at)
        run.repair(trade.at)
    origins = {
        market.symbol: [one.origin for of, one in run.published if of == market and one.timeframe == "1m"][
            -MINUTES:
        ]
        for market in MARKETS
    }
    assert origins == {market.symbol: ["rest", *["stream"] * (MINUTES - 1)] for market in MARKETS}
