"""Freshness of markets, by the candles that have closed."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.pipeline.views import to_market_age
from schemas.freshness import count_candles_behind, newest_closed_candle, oldest_fresh_candle
from schemas.market import TIMEFRAMES, candle_end, candle_open
from schemas.values import from_ms, to_ms

times = st.datetimes(datetime(1970, 6, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
timeframes = st.sampled_from(list(TIMEFRAMES))


def market_age(candle_at: str, now: str, timeframe: str = "1h") -> tuple[int, float]:
    record = {
        "id": 1,
        "candle_at": to_ms(datetime.fromisoformat(candle_at)),
        "analyzed_at": None,
        "timeframe": timeframe,
    }
    age = to_market_age(record, "binance:spot:BTCUSDT:1h", datetime.fromisoformat(now))
    return age.periods_behind, age.age_seconds


@given(times, timeframes)
def test_newest_closed_candle_is_closed_and_the_next_is_not(now: datetime, timeframe: str) -> None:
    end = candle_end(newest_closed_candle(now, timeframe), timeframe)
    assert from_ms(end) <= now < from_ms(candle_end(end, timeframe))


@given(times, timeframes)
def test_oldest_fresh_candle_admits_the_one_before_the_newest_closed(now: datetime, timeframe: str) -> None:
    before = candle_open(from_ms(newest_closed_candle(now, timeframe) - 1), timeframe)
    two_before = candle_open(from_ms(before - 1), timeframe)
    assert two_before < oldest_fresh_candle(now, timeframe) <= before


@pytest.mark.parametrize(("hours", "fresh"), [(0, True), (167, True), (168, True), (335, True), (336, False)])
def test_oldest_fresh_candle_follows_a_week_that_begins_on_thursday(hours: int, fresh: bool) -> None:
    thursday = to_ms(datetime(2026, 11, 5, tzinfo=UTC))
    now = from_ms(thursday + 7 * 86_400_000 + hours * 3_600_000)
    assert (thursday >= oldest_fresh_candle(now, "1w")) == fresh
    assert count_candles_behind(thursday, now, "1w") == hours // 168


@pytest.mark.parametrize(
    ("candle_at", "now", "timeframe", "behind"),
    [
        ("2026-11-22T11:00Z", "2026-11-22T12:00Z", "1h", (0, 0.0)),
        ("2026-11-22T11:00Z", "2026-11-22T12:59:59Z", "1h", (0, 3_599.0)),
        ("2026-11-22T11:00Z", "2026-11-22T13:00Z", "1h", (1, 3_600.0)),
        ("2026-11-22T11:00Z", "2026-11-22T11:30Z", "1h", (0, 0.0)),  # a clock that is behind
        ("2026-09-01T00:00Z", "2026-11-02T00:00Z", "1M", (1, 32 * 86_400.0)),
        (
            "2026-11-09T00:00Z",
            "2026-11-22T23:59Z",
            "1w",
            (0, timedelta(days=6, hours=23.9833333).total_seconds()),
        ),
    ],
)
def test_market_age_counts_from_the_close(
    candle_at: str, now: str, timeframe: str, behind: tuple[int, float]
) -> None:
    periods, seconds = market_age(candle_at, now, timeframe)
    assert (periods, seconds) == (behind[0], pytest.approx(behind[1], abs=1))
