"""When candles open: by the grid, on Mondays, on the first of the month."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.market import TIMEFRAMES, candle_end
from simulator.timeline import opening, openings, openings_of, shifted

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
def test_the_candle_of_a_wednesday_afternoon(timeframe: str, opened: int) -> None:
    assert opening(ms(2026, 2, 18, 13) + 1_234, timeframe) == opened


@given(moments, timeframes)
def test_a_moment_lies_in_its_candle(moment: int, timeframe: str) -> None:
    opened = opening(moment, timeframe)
    assert opened <= moment < candle_end(opened, timeframe)
    assert shifted(opened, timeframe, 1) == candle_end(opened, timeframe)


@given(moments, timeframes, st.integers(0, 30))
def test_openings_follow_one_another(moment: int, timeframe: str, more: int) -> None:
    first = opening(moment, timeframe)
    opens = openings(first, shifted(first, timeframe, more), timeframe)
    assert len(opens) == more + 1
    assert openings_of(opens, timeframe).tolist() == opens.tolist()
    assert openings_of(opens + 1, timeframe).tolist() == opens.tolist()
