"""The token bucket: its limit in every window, its refill, and the reports it applies."""

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchanges.rate_limit.token_bucket import (
    NO_REPORT,
    SHARE,
    BucketState,
    RateLimit,
    TokenRate,
    UsageReport,
    take,
)

SPOT = RateLimit(6_000, 60, 80)
PACE = TokenRate.from_limit(SPOT)

parts = st.floats(0.02, 0.2)
"""What the heaviest call is of its limit."""

rate_limits = st.builds(
    lambda weight, window, part: RateLimit(weight, window, heaviest=part * weight),
    st.floats(50, 10_000),
    st.sampled_from([2.0, 60.0]),
    parts,
)


def full(token_rate: TokenRate = PACE) -> BucketState:
    return BucketState(at=0.0, tokens=token_rate.burst)


@settings(max_examples=100, deadline=None)
@given(
    limit=rate_limits,
    sharers=st.integers(1, 8),
    weights=st.lists(st.floats(0.2, 1.0), min_size=1, max_size=4),
    idle=st.floats(0, 2),
)
def test_token_bucket_never_exceeds_its_share_in_any_window(
    limit: RateLimit, sharers: int, weights: list[float], idle: float
) -> None:
    """From a full bucket on, calls of every weight, each as soon as it may; for two windows, idle, and again."""
    heaviest = min(limit.heaviest, SHARE * limit.weight / sharers / 4)
    went = list(
        greedy(TokenRate.from_limit(limit, sharers), limit.window, [w * heaviest for w in weights], idle)
    )
    share = SHARE * limit.weight / sharers
    first, within = 0, 0.0
    for at, weight in went:
        within += weight
        while went[first][0] <= at - limit.window:
            within -= went[first][1]
            first += 1
        assert within <= share * (1 + 1e-9)


def greedy(
    token_rate: TokenRate, window: float, weights: list[float], idle: float
) -> Iterator[tuple[float, float]]:
    bucket, now, endless = full(token_rate), 0.0, itertools.cycle(weights)
    for end in (2 * window, (4 + idle) * window):
        while now < end:
            weight = next(endless)
            bucket, wait = take(bucket, token_rate, weight, now)
            while wait:
                now += wait
                bucket, wait = take(bucket, token_rate, weight, now)
            yield now, weight
        now += idle * window


@given(rate_limits, st.integers(1, 8))
def test_token_rate_uses_most_of_the_share(limit: RateLimit, sharers: int) -> None:
    assert TokenRate.from_limit(limit, sharers).rate * limit.window >= 0.64 * SHARE * limit.weight / sharers


def test_token_rate_allows_two_thousand_binance_klines_a_minute() -> None:
    assert PACE.rate * 60 / 2 >= 2_000


def test_token_bucket_starts_empty() -> None:
    bucket, wait = take(BucketState(at=100.0), PACE, 20, 100.0)
    assert wait == 0
    _, wait = take(bucket, PACE, 1, 100.0)
    assert wait == pytest.approx(20 / PACE.rate)


@given(st.floats(0, 1e6), st.floats(0, 100))
def test_token_bucket_admits_a_call_after_its_wait(debt: float, weight: float) -> None:
    bucket, wait = take(BucketState(at=0.0, tokens=-debt), PACE, weight, 0.0)
    if wait:
        assert bucket.tokens == -debt
        _, rest = take(bucket, PACE, weight, wait)
        assert rest <= 0.001  # a rounding error short of nothing


def test_token_bucket_refills_nothing_when_clock_goes_back() -> None:
    bucket, _ = take(BucketState(at=100.0, tokens=-10), PACE, 1, 40.0)
    assert bucket.tokens == -10
    assert bucket.at == 40.0


class TestBlock:
    def test_block_refuses_calls_until_it_ends(self) -> None:
        bucket, wait = take(full(), PACE, 1, 0.0, UsageReport(blocked_for=30))
        assert wait == 30
        assert take(bucket, PACE, 1, 29.0)[1] == 1
        assert take(bucket, PACE, 1, 30.0)[1] == 0

    def test_block_keeps_the_longer_duration(self) -> None:
        bucket, _ = take(full(), PACE, 0, 0.0, UsageReport(blocked_for=30))
        bucket, _ = take(bucket, PACE, 0, 1.0, UsageReport(blocked_for=5))
        assert take(bucket, PACE, 1, 10.0)[1] == 20


class TestUsageReport:
    def test_usage_above_ours_is_adopted(self) -> None:
        bucket, wait = take(full(), PACE, 2, 0.0, UsageReport(used=5_399, window_left=20))
        assert wait == 20
        assert take(bucket, PACE, 2, 20.0)[1] == 0

    def test_usage_adds_calls_sent_after_the_report(self) -> None:
        bucket, wait = take(full(), PACE, 2, 0.0, UsageReport(used=5_396, window_left=20))
        assert wait == 0
        bucket, wait = take(bucket, PACE, 2, 0.0)
        assert wait == 0
        assert take(bucket, PACE, 2, 0.0)[1] == 20

    def test_usage_below_ours_is_ignored(self) -> None:
        bucket, _ = take(full(), PACE, 0, 0.0, UsageReport(used=5_400, window_left=20))
        assert take(bucket, PACE, 1, 1.0, UsageReport(used=10, window_left=19))[1] == 19

    def test_usage_restarts_with_each_window(self) -> None:
        bucket, _ = take(full(), PACE, 0, 0.0, UsageReport(used=5_400, window_left=20))
        assert take(bucket, PACE, 1, 20.5, UsageReport(used=10, window_left=59.5))[1] == 0

    def test_usage_of_an_earlier_window_is_ignored(self) -> None:
        bucket, _ = take(full(), PACE, 0, 20.5, UsageReport(used=10, window_left=59.5))
        assert take(bucket, PACE, 1, 21.0, UsageReport(used=5_400, window_left=0.5))[1] == 0

    def test_usage_admits_a_call_heavier_than_the_limit_alone(self) -> None:
        small = TokenRate.from_limit(RateLimit(10, 60, 20))
        assert take(full(small), small, 20, 0.0, UsageReport(used=0, window_left=20))[1] == 0


def test_token_bucket_charges_debt_from_elsewhere() -> None:
    bucket, wait = take(full(), PACE, 1, 0.0, UsageReport(debt=PACE.burst + 10))
    assert wait == pytest.approx(10 / PACE.rate)
    assert take(bucket, PACE, 1, 0.0, NO_REPORT)[1] == wait


def test_token_bucket_prefers_a_rate_from_the_exchange() -> None:
    known = TokenRate.from_limit(RateLimit(600, 60, 80, from_exchange=True))
    bucket, _ = take(full(known), known, 0, 0.0)
    bucket, _ = take(bucket, PACE, 0, 50.0)
    assert bucket.tokens == known.burst
    lower = TokenRate.from_limit(RateLimit(300, 60, 80, from_exchange=True))
    bucket, _ = take(bucket, lower, 0, 50.0)
    assert bucket.known_rate == lower
