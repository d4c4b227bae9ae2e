"""Request weight: what calls cost, and what happens beyond the budget."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.weights import IGNORED_BEFORE_BAN, UNDER_WAY_MS, WeightMeter, call_weight

MINUTE = 60_000


@pytest.mark.parametrize(
    ("futures", "endpoint", "symbols", "limit", "cost"),
    [
        (False, "klines", 1, 1_000, 2),
        (True, "klines", 1, 99, 1),
        (True, "klines", 1, 499, 2),
        (True, "klines", 1, 1_000, 5),
        (True, "klines", 1, 1_500, 10),
        (False, "exchangeInfo", 0, 500, 20),
        (False, "ticker/price", 1, 500, 2),
        (False, "ticker/price", 0, 500, 4),
        (False, "ticker/24hr", 0, 500, 80),
        (False, "ticker/24hr", 21, 500, 40),
        (True, "ticker/24hr", 0, 500, 40),
        (True, "time", 0, 500, 1),
    ],
)
def test_call_weight_is_as_documented(
    futures: bool, endpoint: str, symbols: int, limit: int, cost: int
) -> None:
    assert call_weight(futures, endpoint, symbols, limit) == cost


def test_weight_meter_resets_each_minute() -> None:
    meter = WeightMeter(10)
    assert meter.charge(10, MINUTE).status == 0
    refused = meter.charge(1, MINUTE + 59_500)
    assert (refused.status, refused.retry_after) == (429, 1)
    assert meter.charge(10, 2 * MINUTE).status == 0


def test_weight_meter_bans_longer_each_time() -> None:
    meter = WeightMeter(1)
    bans = []
    now = 0
    for _ in range(3):
        while (verdict := meter.charge(1, now)).status != 418:
            now += 200
        bans.append(verdict.retry_after)
        now = verdict.banned_until
    assert bans == [120, 240, 480]
    assert meter.charge(1, now).status == 0


def test_weight_meter_warns_before_a_ban() -> None:
    meter = WeightMeter(1)
    assert [meter.charge(1, 5).status for _ in range(100)] == [0] + [429] * 99
    later = 5 + UNDER_WAY_MS + 1
    statuses = [meter.charge(1, later).status for _ in range(IGNORED_BEFORE_BAN + 2)]
    assert statuses == [429] * IGNORED_BEFORE_BAN + [418] * 2


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(0, 20_000)), max_size=60))
def test_weight_meter_never_exceeds_the_limit(calls: list[tuple[int, int]]) -> None:
    meter, now, used = WeightMeter(100), 0, dict[int, int]()
    for cost, later in calls:
        now += later
        if meter.charge(cost, now).status == 0:
            used[now // MINUTE] = used.get(now // MINUTE, 0) + cost
    assert all(total <= 100 for total in used.values())
