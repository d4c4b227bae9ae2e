"""The schedule: one request a candle, soon after its close, spread out, and no burst after a pause."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from producers.scheduler.schedule import (
    DueRequest,
    SchedulePolicy,
    TokenBucket,
    due_at,
    newest_due,
    next_due_at,
    request_id_of,
)
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
policies = st.builds(SchedulePolicy, st.floats(0, 600), st.floats(0, 3_600), st.floats(0.1, 100))


@given(markets, times, policies)
def test_newest_due_has_closed_and_the_next_is_not_due(
    market: Market, now: int, policy: SchedulePolicy
) -> None:
    found = newest_due(market, now, policy)
    closes = candle_end(found.candle, market.timeframe)
    assert closes <= found.at <= now
    assert found.at - closes <= (policy.delay + policy.spread) * 1_000 + 1
    assert due_at(market, closes, policy) > now


@given(markets, times, policies)
def test_next_due_at_is_the_first_millisecond_that_is_due(
    market: Market, now: int, policy: SchedulePolicy
) -> None:
    at = next_due_at(market, now, policy)
    assert at > now
    assert newest_due(market, at - 1, policy) == newest_due(market, now, policy)
    assert newest_due(market, at, policy).at == at


@given(st.floats(0.1, 100), st.lists(st.integers(0, 5_000), max_size=200))
def test_token_bucket_never_exceeds_the_rate(rate: float, steps: list[int]) -> None:
    now, bucket, sent = NOW, TokenBucket(NOW), 0
    for step in steps:
        now += step
        bucket = bucket.refill(now, rate)
        batch = int(bucket.tokens)
        bucket, sent = bucket.take(batch), sent + batch
        assert sent <= rate * (now - NOW) / 1_000 + max(1.0, rate)


def test_token_bucket_adds_nothing_when_the_clock_goes_back() -> None:
    bucket = TokenBucket(NOW, 0.5).refill(NOW - 60_000, 10.0)
    assert (bucket.at, bucket.tokens) == (NOW, 0.5)


def test_due_at_spreads_markets_evenly() -> None:
    policy = SchedulePolicy(delay=2, spread=30)
    at = [due_at(Market.of("binance", f"A{i}USDT"), NOW - 3_600_000, policy) - NOW for i in range(3_000)]
    assert min(at) >= 2_000
    assert max(at) <= 32_000
    seconds = Counter(ms // 1_000 for ms in at)
    assert max(seconds.values()) < 200  # 100 is the mean


def test_due_at_stays_within_half_of_a_short_candle() -> None:
    policy = SchedulePolicy(delay=600, spread=3_600)
    assert due_at(Market.of("binance", "BTCUSDT", "spot", "1m"), NOW - 60_000, policy) <= NOW + 30_000


@given(several, times)
def test_request_id_is_valid_and_unique_by_market_and_candle(watched: list[Market], now: int) -> None:
    ids = [request_id_of(newest_due(market, now, SchedulePolicy())) for market in watched]
    assert len(set(ids)) == len(watched)
    for one in ids:
        TypeAdapter(RequestId).validate_python(one)


def test_request_id_contains_market_and_candle() -> None:
    requested = DueRequest(Market.of("binance", "BTCUSDT"), NOW, NOW + 3_602_000)
    assert request_id_of(requested) == "schedule:binance:spot:BTCUSDT:1h:20260105T120000Z"


def test_request_id_is_valid_for_a_symbol_in_other_letters() -> None:
    one, other = (DueRequest(Market.of("binance", name), NOW, NOW) for name in ("币安人生USDT", "哈基米USDT"))
    assert request_id_of(one) != request_id_of(other)
    TypeAdapter(RequestId).validate_python(request_id_of(one))
