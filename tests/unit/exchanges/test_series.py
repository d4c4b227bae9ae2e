"""What is closed, what is open, what is missing."""

import numpy as np
import pytest

from exchanges.bars import Bars
from exchanges.ports import Gap
from exchanges.series import find_gaps, to_series
from simulator.history.timeline import open_times
from tests.unit.exchanges.history import HOUR, START, hours


def flat(times: list[int]) -> Bars:
    ones = np.ones(len(times))
    return Bars(np.array(times, dtype=np.int64), ones, ones, ones, ones, ones)


@pytest.mark.parametrize(("now", "closed"), [(START + 3 * HOUR - 1, 2), (START + 3 * HOUR, 3), (None, 2)])
def test_series_keeps_the_newest_open_until_it_ends(now: int | None, closed: int) -> None:
    series = to_series(hours(0, 1, 2), "1h", now)
    assert len(series.closed) == closed
    assert (series.unclosed is None) == (closed == 3)
    assert series.last_price == pytest.approx(100.000002)


def test_series_has_at_most_one_open_candle() -> None:
    series = to_series(hours(0, 1, 2), "1h", START)
    assert len(series.closed) == 2


def test_series_may_be_empty() -> None:
    series = to_series(Bars.empty(), "1h", None)
    assert len(series.closed) == 0
    assert series.unclosed is None


def test_find_gaps_returns_first_missing_and_count() -> None:
    assert find_gaps(hours(0, 1, 4, 5, 7), "1h") == (Gap(START + 2 * HOUR, 2), Gap(START + 6 * HOUR, 1))


def test_series_reports_a_gap_before_the_unclosed_candle() -> None:
    assert to_series(hours(0, 1, 3), "1h", START + 3 * HOUR).gaps == (Gap(START + 2 * HOUR, 1),)


def test_find_gaps_accepts_a_bar_off_the_grid() -> None:
    assert find_gaps(flat([START, START + HOUR // 2, START + HOUR]), "1h") == ()
    assert find_gaps(flat([START, START + HOUR + 5, START + 2 * HOUR]), "1h") == (Gap(START + HOUR, 1),)


def test_find_gaps_uses_calendar_months() -> None:
    months = open_times(1_577_836_800_000, 1_640_995_200_000, "1M").tolist()
    assert find_gaps(flat(months), "1M") == ()
    assert find_gaps(flat(months[:3] + months[5:]), "1M") == (Gap(months[3], 2),)
