"""Prices with silences beside the exchange's candles: what any trade reached is told once, and nothing else is."""

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.watcher.candle_checks import CandleCheck
from consumers.watcher.index import WatchIndex
from consumers.watcher.silence import to_minute
from consumers.watcher.transitions import is_crossing
from consumers.watcher.watch import Fire, Tick, Watch, WatchState
from exchanges.ports import Candle
from schemas.records import WatchedPriceRecord
from tests.support.watching import MINUTE, NOON_MS, a_watch

SECOND = 1_000
MAX_SILENCE = 16_000
PRICES = st.sampled_from([97.0, 98.0, 99.0, 100.0, 101.0, 102.0, 103.0])


def build_candles(trades: Sequence[Tick], now: int) -> tuple[list[Candle], Candle | None]:
    """Return the closed 1m candles of `trades` at `now`, and the unclosed one."""
    minutes: dict[int, list[float]] = {}
    for trade in trades:
        if trade.traded_at <= now:
            minutes.setdefault(to_minute(trade.traded_at), []).append(trade.price)
    candles = [Candle(at, p[0], max(p), min(p), p[-1], 1.0) for at, p in sorted(minutes.items())]
    closed = [each for each in candles if each.time + MINUTE <= now]
    return closed, next((each for each in candles if each.time + MINUTE > now), None)


class Exchange:
    """Trades every 5 s, a feed that misses some of them, and candles that are sometimes not to be had."""

    def __init__(self, prices: Sequence[float], lost: set[int], away: set[int]) -> None:
        self.trades = [
            Tick(price, NOON_MS + n * 5 * SECOND, NOON_MS + n * 5 * SECOND) for n, price in enumerate(prices)
        ]
        self._lost = lost
        self._away = away

    def run(self, index: WatchIndex) -> list[Fire]:
        fires: list[Fire] = []
        for number, trade in enumerate(self.trades):
            if number not in self._lost:
                fires += index.apply_tick(trade)
            if number not in self._away:
                fires += self._check(index, trade.traded_at)
            fires += index.step_overdue(trade.traded_at)
        return fires

    def _check(self, index: WatchIndex, now: int) -> list[Fire]:
        closed, unclosed = build_candles(self.trades, now)
        fires: list[Fire] = []
        while due := [check for check in index.find_checks(now) if check.is_complete(closed, unclosed)]:
            fires += index.apply_candles(due[0], closed, unclosed, now)
        return fires


def find_crossings(trades: Sequence[Tick], watch: Watch) -> list[Tick]:
    return [
        tick
        for previous, tick in pairwise(trades)
        if is_crossing(previous.price, tick.price, watch) and tick.traded_at >= watch.since
    ]


@st.composite
def exchanges(draw: st.DrawFn) -> Exchange:
    prices = draw(st.lists(PRICES, min_size=30, max_size=80))
    numbers = range(len(prices))
    lost: set[int] = set()
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.sampled_from(numbers[1:]))
        lost |= set(range(start, start + draw(st.integers(1, 40))))
    away = set(range(draw(st.sampled_from(numbers)))) if draw(st.booleans()) else set()
    # Prices and candles are back at the end, in a minute of their own.
    quiet = [prices[-1]] * 26
    return Exchange([*prices, *quiet], lost & set(numbers), away)


CONDITIONS = st.sampled_from(["touch", "approach", "cross_up", "cross_down"])


@settings(max_examples=400, deadline=None)
@given(exchanges(), CONDITIONS, st.sampled_from([99.0, 100.0, 100.5]))
def test_every_crossing_is_told_once_however_prices_are_cut(
    exchange: Exchange, condition: str, target: float
) -> None:
    watch = a_watch(condition, target)
    index = WatchIndex(MAX_SILENCE)
    index.put(watch, WatchState())
    fires = exchange.run(index)
    crossings = find_crossings(exchange.trades, watch)
    assert len(fires) == bool(crossings)
    if fires:
        assert fires[0].tick.traded_at >= to_minute(crossings[0].traded_at)


@settings(max_examples=400, deadline=None)
@given(exchanges(), CONDITIONS, st.sampled_from([99.0, 100.0, 100.5]))
def test_repeated_fires_are_distinct_crossings(exchange: Exchange, condition: str, target: float) -> None:
    watch = a_watch(condition, target, once=False)
    index = WatchIndex(MAX_SILENCE)
    index.put(watch, WatchState())
    fires = exchange.run(index)
    crossings = find_crossings(exchange.trades, watch)
    assert [fire.arm for fire in fires] == list(range(1, len(fires) + 1))
    assert len(fires) <= len(crossings)
    times = [fire.tick.traded_at for fire in fires]
    assert times == sorted(set(times))
    for fire in fires:
        if fire.is_late:
            assert fire.tick.traded_at in {to_minute(each.traded_at) for each in crossings}


@settings(max_examples=300, deadline=None)
@given(exchanges(), st.sampled_from(["close_above", "close_below"]), st.booleans())
def test_close_fires_by_the_candles_close_or_not_at_all(
    exchange: Exchange, condition: str, once: bool
) -> None:
    watch = a_watch(condition, once=once)
    index = WatchIndex(MAX_SILENCE)
    index.put(watch, WatchState())
    fires = exchange.run(index)
    closed, _ = build_candles(exchange.trades, exchange.trades[-1].traded_at)
    closes = {each.time + MINUTE - 1: each.close for each in closed}
    assert all(fire.tick.price == closes[fire.tick.traded_at] for fire in fires)
    beyond = [
        each for each in closed if (each.close > 100 if condition == "close_above" else each.close < 100)
    ]
    assert len(fires) <= len(beyond)
    # The first candle that closed beyond after price was not beyond has fired, whatever prices were lost.
    first = next(
        (
            each
            for each in beyond
            if any(
                not (trade.price > 100 if condition == "close_above" else trade.price < 100)
                for trade in exchange.trades
                if trade.traded_at < each.time + MINUTE
            )
        ),
        None,
    )
    assert [fire.tick.traded_at for fire in fires[:1]] == ([first.time + MINUTE - 1] if first else [])


def test_watch_made_within_a_silent_minute_counts_from_its_baseline() -> None:
    made = NOON_MS + 20 * SECOND
    before = Candle(NOON_MS, 95.0, 110.0, 94.0, 95.0, 1.0)
    after = Candle(NOON_MS, 95.0, 110.0, 80.0, 95.0, 1.0)
    fires: dict[float, list[Fire]] = {}
    for target in (105.0, 85.0):  # reached before the watch, and only after
        index = WatchIndex(MAX_SILENCE)
        index.apply_tick(Tick(95.0, made - SECOND, made - SECOND))
        index.put(a_watch(target=target, since=made), WatchState())
        (check,) = index.find_checks(made)
        assert check == CandleCheck("baseline", a_watch().market("1m"), NOON_MS, NOON_MS + MINUTE)
        index.apply_candles(check, [], before, made)
        assert not list(index.find_checks(made))
        index.apply_tick(Tick(95.0, made + SECOND, made + SECOND))
        resumed = NOON_MS + MINUTE + SECOND
        fires[target] = index.apply_tick(Tick(95.0, resumed, resumed))
        (check,) = index.find_checks(resumed)
        fires[target] += index.apply_candles(check, [after], None, resumed)
    assert {target: len(found) for target, found in fires.items()} == {105.0: 0, 85.0: 1}


def a_known_price(traded_at: int, unchecked_from: int | None = None) -> WatchedPriceRecord:
    return {
        "exchange": "sim",
        "market_type": "spot",
        "symbol": "BTCUSDT",
        "price": 95.0,
        "traded_at": traded_at,
        "known_at": traded_at,
        "unchecked_from": unchecked_from,
    }


def test_close_that_was_unchecked_is_checked_although_the_first_price_is_a_replayed_one() -> None:
    index = WatchIndex(MAX_SILENCE)
    index.set_known(a_known_price(NOON_MS + 3 * MINUTE, unchecked_from=NOON_MS))
    index.put(a_watch("close_above", since=NOON_MS), WatchState())
    replayed = NOON_MS + 2 * MINUTE + SECOND
    index.apply_tick(Tick(95.0, replayed, replayed))
    (check,) = index.find_checks(replayed)
    assert (check.start, check.until) == (NOON_MS, NOON_MS + 2 * MINUTE)
    candles = [
        Candle(NOON_MS + n * MINUTE, 95.0, 106.0, 95.0, close, 1.0) for n, close in ((0, 105.0), (1, 95.0))
    ]
    (fire,) = index.apply_candles(check, candles, None, replayed)
    assert fire.tick.traded_at == NOON_MS + MINUTE - 1


def test_price_after_a_silence_is_not_taken_for_the_one_before_it() -> None:
    index = WatchIndex(MAX_SILENCE)
    index.set_known(a_known_price(NOON_MS + 3 * MINUTE, unchecked_from=NOON_MS))
    index.put(a_watch("cross_up", target=100.0, since=NOON_MS - MINUTE), WatchState())
    replayed = NOON_MS + 2 * MINUTE + SECOND
    index.apply_tick(Tick(95.0, replayed, replayed))
    (check,) = index.find_checks(replayed)
    falling = [(104.0, 105.0, 103.0, 104.0), (104.0, 104.0, 95.0, 95.0)]  # never up through 100
    candles = [Candle(NOON_MS + n * MINUTE, *row, 1.0) for n, row in enumerate(falling)]
    assert index.apply_candles(check, candles, None, replayed) == []


def test_watcher_continues_from_the_last_known_price() -> None:
    index = WatchIndex(MAX_SILENCE)
    index.set_known(a_known_price(NOON_MS))
    index.put(a_watch(), WatchState())
    (fire,) = index.apply_tick(Tick(105.0, NOON_MS + SECOND, NOON_MS + SECOND))
    assert (fire.tick.price, fire.is_late) == (105.0, False)


def test_silence_from_before_the_first_price_is_checked_since_the_watch() -> None:
    index = WatchIndex(MAX_SILENCE)
    index.put(a_watch(since=NOON_MS), WatchState())
    back = NOON_MS + 3 * MINUTE + SECOND
    assert index.apply_tick(Tick(95.0, back, back)) == []
    (check,) = index.find_checks(back)
    quiet, spike = (
        Candle(NOON_MS + n * MINUTE, 95.0, high, 95.0, 95.0, 1.0) for n, high in enumerate((96.0, 105.0))
    )
    (fire,) = index.apply_candles(check, [quiet, spike], None, back)
    assert (fire.tick.traded_at, fire.is_late) == (NOON_MS + MINUTE, True)


def test_touch_between_two_prices_is_told_once_its_minute_is_over() -> None:
    index = WatchIndex(MAX_SILENCE)
    index.put(a_watch(target=100.5), WatchState())
    fires = [fire for trade in every_ten_seconds(99.0) for fire in index.apply_tick(trade)]
    (check,) = index.find_checks(NOON_MS + MINUTE)
    assert check == CandleCheck("near", a_watch().market("1m"), NOON_MS, NOON_MS + MINUTE)
    wick = Candle(NOON_MS, 99.0, 101.0, 98.0, 99.0, 1.0)
    fires += index.apply_candles(check, [wick], None, NOON_MS + MINUTE)
    assert [(fire.tick.traded_at, fire.is_late) for fire in fires] == [(NOON_MS, True)]
    assert not list(index.find_checks(NOON_MS + MINUTE))


def test_candle_of_a_minute_in_which_a_price_fired_fires_nothing() -> None:
    index = WatchIndex(MAX_SILENCE)
    index.put(a_watch(target=99.0, once=False), WatchState())
    fires = [fire for trade in every_ten_seconds(98.0, 99.5) for fire in index.apply_tick(trade)]
    (check,) = index.find_checks(NOON_MS + MINUTE)
    candle = Candle(NOON_MS, 98.0, 99.5, 97.0, 99.5, 1.0)
    assert index.apply_candles(check, [candle], None, NOON_MS + MINUTE) == []
    assert len(fires) == 1


def test_minute_without_a_target_near_its_prices_is_not_checked() -> None:
    index = WatchIndex(MAX_SILENCE)
    index.put(a_watch(target=110.0), WatchState())
    index.put(a_watch("close_above", target=99.0, id="close"), WatchState())
    for trade in every_ten_seconds(98.0):
        index.apply_tick(trade)
    assert {check.kind for check in index.find_checks(NOON_MS + MINUTE)} == {"close"}


def every_ten_seconds(*prices: float) -> list[Tick]:
    """Return a price every ten seconds for a minute, and one after it; the last of `prices` repeats."""
    times = [NOON_MS + n * 10 * SECOND for n in range(7)]
    values = [*prices, *[prices[-1]] * (len(times) - len(prices))]
    return [Tick(price, at, at) for price, at in zip(values, times, strict=True)]


def test_watcher_that_begins_with_a_replayed_price_checks_nothing_again() -> None:
    index = WatchIndex(MAX_SILENCE)
    index.set_known(a_known_price(NOON_MS + 10 * MINUTE))
    index.put(a_watch("cross_down", target=99.0, since=NOON_MS), WatchState())
    replayed = NOON_MS + 8 * MINUTE + SECOND
    for at in (replayed, replayed + 10 * SECOND):
        assert index.apply_tick(Tick(98.5, at, at)) == []
    assert not list(index.find_checks(replayed))


def test_watcher_that_begins_with_a_replayed_price_takes_no_later_price_for_an_earlier_one() -> None:
    index = WatchIndex(MAX_SILENCE)
    start = NOON_MS + 10 * MINUTE
    index.set_known(a_known_price(start + 30 * SECOND, unchecked_from=start))
    index.put(a_watch("cross_down", target=99.0, since=NOON_MS), WatchState())
    for seconds in (7, 20, 35, 50, 65):
        index.apply_tick(Tick(99.5, start + seconds * SECOND, start + seconds * SECOND))
    (check,) = index.find_checks(start + 65 * SECOND)
    assert (check.kind, check.start, check.until) == ("near", start, start + MINUTE)


def test_crossing_between_the_close_of_a_minute_and_the_next_open_is_found() -> None:
    index = WatchIndex(MAX_SILENCE)
    index.put(a_watch("cross_down", target=100.0), WatchState())
    for trade in every_ten_seconds(99.0):  # the last price before the minute is below: from it nothing falls
        assert index.apply_tick(trade) == []
    (check,) = index.find_checks(NOON_MS + MINUTE)
    before = Candle(NOON_MS - MINUTE, 99.0, 101.0, 98.0, 100.5, 1.0)
    after = Candle(NOON_MS, 99.5, 99.8, 98.0, 99.0, 1.0)
    (fire,) = index.apply_candles(check, [before, after], None, NOON_MS + MINUTE)
    assert (fire.tick.price, fire.tick.traded_at, fire.is_late) == (99.5, NOON_MS, True)


def test_watcher_after_a_restart_finds_a_crossing_at_the_open_of_its_first_candle() -> None:
    index = WatchIndex(MAX_SILENCE)
    index.set_known(a_known_price(NOON_MS + 20 * SECOND, unchecked_from=NOON_MS))
    index.put(a_watch("cross_down", target=99.0, since=NOON_MS - MINUTE), WatchState())
    back = NOON_MS + MINUTE + SECOND
    assert index.apply_tick(Tick(98.5, back, back)) == []
    (check,) = index.find_checks(back)
    before = Candle(NOON_MS - MINUTE, 99.5, 99.6, 99.2, 99.2, 1.0)
    after = Candle(NOON_MS, 98.8, 98.9, 98.0, 98.5, 1.0)
    (fire,) = index.apply_candles(check, [before, after], None, back)
    assert (fire.tick.price, fire.tick.traded_at, fire.is_late) == (98.8, NOON_MS, True)
