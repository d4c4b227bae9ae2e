"""When candles open: by the grid, on Mondays, on the first of the month."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.market import TIMEFRAMES, candle_end
from simulator.history.timeline import floor_to_open_times, open_time, open_times, shift_open_time

moments = st.integers(1_400_000_000_000, 2_000_000_000_000)
timeframes = st.sampled_from(sorted(TIMEFRAMES))


def ms(year: int, month: int, day: int, hour: int = 0) -> int:
    return int(datetime(year, month, day, hour, tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("timeframe", "opened"),
    [
        ("1h", ms(2026, 2, 18, 13)),
        ("8h", ms(2026, 2, 18, 8)),
        ("1d", ms(2026, 2, 18)),
        ("1w", ms(2026, 2, 16)),
        ("1M", ms(2026, 2, 1)),
    ],
)
def test_open_time_of_a_wednesday_afternoon(timeframe: str, opened: int) -> None:
    assert open_time(ms(2026, 2, 18, 13) + 1_234, timeframe) == opened


@given(moments, timeframes)
def test_open_time_contains_the_moment(moment: int, timeframe: str) -> None:
    opened = open_time(moment, timeframe)
    assert opened <= moment < candle_end(opened, timeframe)
    assert shift_open_time(opened, timeframe, 1) == candle_end(opened, timeframe)


@given(moments, timeframes, st.integers(0, 30))
def test_open_times_are_consecutive(moment: int, timeframe: str, more: int) -> None:
    first = open_time(moment, timeframe)
    opens = open_times(first, shift_open_time(first, timeframe, more), timeframe)
    assert len(opens) == more + 1
    assert floor_to_open_times(opens, timeframe).tolist() == opens.tolist()
    assert floor_to_open_times(opens + 1, timeframe).tolist() == opens.tolist()
