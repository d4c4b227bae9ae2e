"""Where candles begin: by exchange, and as stored results show it."""

from datetime import UTC, datetime

import pytest

from producers.scheduler.agenda import Agenda
from producers.scheduler.schedule import SchedulePolicy, newest_due, next_due_at
from schemas.calendar import default_phase, phase_of_candle
from schemas.market import Market
from schemas.values import to_ms

HOUR = 3_600_000
DAY = 24 * HOUR
START = to_ms(datetime(2026, 11, 2, tzinfo=UTC))  # a Monday
POLICY = SchedulePolicy()


@pytest.mark.parametrize(
    ("exchange", "timeframe", "closes"),
    [
        ("binance", "1w", START + 7 * DAY),
        ("kucoin", "1w", START + 3 * DAY),
        ("hyperliquid", "1w", START + 3 * DAY),
        ("kraken", "1w", START + 3 * DAY),
        ("htx", "1d", START + 16 * HOUR),
        ("binance", "1d", START + DAY),
    ],
)
def test_schedule_requests_within_a_minute_of_the_close(exchange: str, timeframe: str, closes: int) -> None:
    market = Market.of(exchange, "BTCUSDT", "spot", timeframe)
    assert closes < next_due_at(market, START + 60_000, POLICY) <= closes + 60_000


def test_schedule_prefers_the_phase_of_stored_results() -> None:
    market = Market.of("somewhere", "BTCUSDT", "spot", "1d")
    seen = SchedulePolicy(phases={("somewhere", "1d"): 8 * HOUR})
    assert newest_due(market, START + 9 * HOUR, seen).candle == START - 16 * HOUR
    agenda = Agenda(POLICY)
    agenda.watch([market], START + 9 * HOUR)
    agenda.set_phases(seen.phases, START + 9 * HOUR)
    (due,) = agenda.take(5, START + 9 * HOUR)
    assert due.candle == START - 16 * HOUR


def test_phase_of_candle_ignores_months_and_odd_times() -> None:
    assert phase_of_candle(START + 16 * HOUR, "1d") == 16 * HOUR
    assert phase_of_candle(START, "1w") == default_phase("binance", "1w")
    assert phase_of_candle(START, "1M") is None
    assert phase_of_candle(START + 5, "1d") is None
