"""What any scheduler must keep: once a candle, after its close and soon, spread out, and no burst after a pause."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from producers.scheduler.schedule import Allowance, Due, Pace, due, moment, newest, next_moment, request_id
from schemas.market import TIMEFRAMES, Market, candle_end
from schemas.values import RequestId

NOW = 1_767_614_400_000  # 2026-01-05T12:00Z, a Monday
times = st.integers(1_500_000_000_000, 2_500_000_000_000)
symbols = st.from_regex(r"[A-Z0-9]{2,12}", fullmatch=True)
markets = st.builds(
    lambda symbol, timeframe: Market.of("binance", symbol, "spot", timeframe),
    symbols,
    st.sampled_from(list(TIMEFRAMES)),
)
several = st.lists(markets, min_size=1, max_size=20, unique_by=lambda market: market.key)
paces = st.builds(Pace, st.floats(0, 600), st.floats(0, 3_600), st.floats(0.1, 100))


@given(markets, times, paces)
def test_the_newest_candle_whose_moment_came_has_closed_and_the_next_one_s_has_not_come(
    market: Market, now: int, pace: Pace
) -> None:
    found = newest(market, now, pace)
    closes = candle_end(found.candle, market.timeframe)
    assert closes <= found.at <= now
    assert found.at - closes <= (pace.delay + pace.spread) * 1_000 + 1
    assert moment(market, closes, pace) > now


@given(markets, times, paces)
def test_what_falls_due_next_is_due_then_and_not_a_moment_before(
    market: Market, now: int, pace: Pace
) -> None:
    at = next_moment([market], now, pace)
    assert at is not None
    assert at > now
    asked = {market.key: newest(market, now, pace).candle}
    assert not due([market], asked, at - 1, pace)
    assert [one.at for one in due([market], asked, at, pace)] == [at]


@given(several, times, paces, st.integers(0, 30 * 86_400_000))
def test_after_a_pause_of_any_length_each_market_is_due_once(
    watched: list[Market], now: int, pace: Pace, pause: int
) -> None:
    asked = {market.key: newest(market, now, pace).candle for market in watched}
    waiting = due(watched, asked, now + pause, pace)
    assert max(Counter(one.market.key for one in waiting).values(), default=0) <= 1
    assert all(one.candle > asked[one.market.key] for one in waiting)
    asked |= {one.market.key: one.candle for one in waiting}
    assert not due(watched, asked, now + pause, pace)


@given(several, times, paces)
def test_the_most_urgent_comes_first(watched: list[Market], now: int, pace: Pace) -> None:
    moot = [one.moot_at for one in due(watched, {}, now, pace)]
    assert moot == sorted(moot)
    assert len(moot) == len(watched)


@given(st.floats(0.1, 100), st.lists(st.integers(0, 5_000), max_size=200))
def test_no_more_goes_out_than_the_rate_allows_however_much_waits(rate: float, steps: list[int]) -> None:
    now, allowance, sent = NOW, Allowance(NOW), 0
    for step in steps:
        now += step
        allowance = allowance.grown(now, rate)
        batch = int(allowance.left)
        allowance, sent = allowance.spent(batch), sent + batch
        assert sent <= rate * (now - NOW) / 1_000 + max(1.0, rate)


def test_a_clock_that_goes_back_earns_nothing() -> None:
    allowance = Allowance(NOW, 0.5).grown(NOW - 60_000, 10.0)
    assert (allowance.at, allowance.left) == (NOW, 0.5)


def test_the_requests_of_one_close_are_spread_evenly() -> None:
    pace = Pace(delay=2, spread=30)
    at = [moment(Market.of("binance", f"A{i}USDT"), NOW - 3_600_000, pace) - NOW for i in range(3_000)]
    assert min(at) >= 2_000
    assert max(at) <= 32_000
    seconds = Counter(ms // 1_000 for ms in at)
    assert max(seconds.values()) < 200  # 100 is the mean


def test_where_candles_are_short_all_fits_into_half_of_one() -> None:
    pace = Pace(delay=600, spread=3_600)
    assert moment(Market.of("binance", "BTCUSDT", "spot", "1m"), NOW - 60_000, pace) <= NOW + 30_000


@given(several, times)
def test_ids_are_valid_and_told_apart_by_market_and_candle_alone(watched: list[Market], now: int) -> None:
    ids = [request_id(one) for one in due(watched, {}, now, Pace())]
    assert len(set(ids)) == len(watched)
    for one in ids:
        TypeAdapter(RequestId).validate_python(one)


def test_an_id_says_what_it_is_for() -> None:
    asked = Due(Market.of("binance", "BTCUSDT"), NOW, NOW + 3_602_000)
    assert request_id(asked) == "schedule:binance:spot:BTCUSDT:1h:20260105T120000Z"


def test_a_symbol_in_other_letters_gets_an_id_too() -> None:
    one, other = (Due(Market.of("binance", name), NOW, NOW) for name in ("币安人生USDT", "哈基米USDT"))
    assert request_id(one) != request_id(other)
    TypeAdapter(RequestId).validate_python(request_id(one))
