"""The judge of the feed finds what it looks for."""

from datetime import UTC, datetime, timedelta

from schemas.candles.closed import CandleClosed
from tests.support.faults.feed_promise import find_gaps, select_latest

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def event(minute: int, close: float, revision: int = 0) -> CandleClosed:
    return CandleClosed(
        exchange="binance",
        market_type="spot",
        symbol="BTCUSDT",
        timeframe="1m",
        open_at=NOON + timedelta(minutes=minute),
        open=1.0,
        high=2.0,
        low=0.5,
        close=close,
        volume=1.0,
        source="stream",
        revision=revision,
    )


def test_highest_revision_of_a_candle_counts() -> None:
    latest = select_latest([event(0, 1.5, 1), event(0, 1.2), event(1, 1.1)])
    assert [candle.close for candle in latest.values()] == [1.5, 1.1]


def test_missing_minute_is_found() -> None:
    opens = [time for _, time in select_latest(event(minute, 1.0) for minute in (3, 0, 1))]
    assert find_gaps(opens) == [int(NOON.timestamp() * 1_000) + 60_000]
    assert find_gaps(opens[1:]) == []
