"""Rows as they come in: what is repaired, what is dropped, and how it is counted."""

from typing import Any

import numpy as np
import pytest

from exchanges import screening
from exchanges.bars import Bars
from exchanges.screening import RowTally, screen_bars
from runtime.errors import Transient
from tests.unit.exchanges.history import HOUR, START, hours, indices

NOW = START + 50 * HOUR + HOUR // 2
CLEAN = hours(*range(51))


def screen(bars: Bars, timeframe: str = "1h", now: int | None = NOW) -> tuple[Bars, dict[str, int]]:
    tally = RowTally()
    return screen_bars(bars, timeframe, now, tally), tally.counts()


def rows(**changed: list[Any]) -> Bars:
    """CLEAN with the row at index 20 replaced."""
    (row,) = changed.values()
    table = [list(map(float, values)) for values in zip(*CLEAN.columns(), strict=True)]
    return Bars.from_rows([*table[:20], row, *table[21:]])


def test_screening_passes_clean_rows() -> None:
    bars, counts = screen(CLEAN)
    assert indices(bars) == list(range(51))
    assert counts == {}


@pytest.mark.parametrize("ahead", [1, 24, 5 * 8_760])
def test_screening_drops_rows_of_the_future(ahead: int) -> None:
    bars, counts = screen(hours(*range(51), 50 + ahead))
    assert indices(bars) == list(range(51))
    assert counts == {screening.FUTURE: 1}


def test_screening_does_not_count_a_candle_that_opened_after_the_clock_was_read() -> None:
    bars, counts = screen(CLEAN, now=START + 50 * HOUR - 5)
    assert indices(bars) == list(range(50))
    assert counts == {}


@pytest.mark.parametrize("scale", [1e-3, 1, 1e3, 1e6])
def test_screening_reads_times_in_any_unit(scale: float) -> None:
    scaled = Bars((CLEAN.time * scale).astype(np.int64), *CLEAN.columns()[1:])
    bars, _ = screen(scaled)
    assert indices(bars) == list(range(51))


def test_screening_widens_a_range_that_excludes_the_open() -> None:
    bars, counts = screen(rows(row=[START + 20 * HOUR, 107.0, 105.0, 95.0, 100.0, 1.0]))
    assert (bars.high[20], bars.low[20]) == (107.0, 95.0)
    assert counts == {screening.WIDENED: 1}


@pytest.mark.parametrize("volume", [None, -1.0, float("nan"), float("inf")])
def test_screening_takes_a_missing_volume_for_zero(volume: float | None) -> None:
    bars, counts = screen(rows(row=[START + 20 * HOUR, 100.0, 101.0, 99.0, 100.0, volume]))
    assert len(bars) == 51
    assert bars.volume[20] == 0
    assert counts == {screening.NO_VOLUME: 1}


@pytest.mark.parametrize("price", [None, 0.0, -1.0, float("inf")])
def test_screening_drops_and_counts_rows_without_usable_prices(price: float | None) -> None:
    bars, counts = screen(rows(row=[START + 20 * HOUR, 100.0, 101.0, 99.0, price, 1.0]))
    assert len(bars) == 50
    assert counts == {screening.UNUSABLE: 1}


@pytest.mark.parametrize("time", [0, -5, 1_000, 946_684_800_000])
def test_screening_drops_rows_without_a_usable_time(time: int) -> None:
    bars, counts = screen(rows(row=[time, 100.0, 101.0, 99.0, 100.0, 1.0]))
    assert len(bars) == 50
    assert counts == {screening.UNUSABLE: 1}


def test_screening_drops_a_stray_row_of_years_ago() -> None:
    bars, counts = screen(hours(-30_000, *range(51)))
    assert indices(bars) == list(range(51))
    assert counts == {screening.STRAY: 1}


def test_screening_drops_a_row_between_two_candles() -> None:
    bars, counts = screen(rows(row=[START + 20 * HOUR + 60_000, 100.0, 101.0, 99.0, 100.0, 1.0]))
    assert len(bars) == 50
    assert counts == {screening.OFF_GRID: 1}


def test_screening_aligns_a_running_candle_that_is_stamped_with_its_last_trade() -> None:
    moved = Bars(np.append(CLEAN.time[:-1], NOW - 1), *CLEAN.columns()[1:])
    bars, counts = screen(moved)
    assert indices(bars) == list(range(51))
    assert counts == {}


@pytest.mark.parametrize("minutes", [1, 5, 240, 1_440])
def test_screening_refuses_candles_of_another_timeframe(minutes: int) -> None:
    time = NOW - np.arange(40, 0, -1) * minutes * 60_000
    ones = np.ones(40)
    with pytest.raises(Transient, match="where 1h was requested"):
        screen(Bars(time - time % (minutes * 60_000), ones, ones, ones, ones, ones))


def test_screening_accepts_weeks_that_begin_on_any_day() -> None:
    week = 7 * 24 * HOUR
    time = np.arange(2_600, 2_700) * week  # Thursdays
    ones = np.ones(100)
    bars, counts = screen(Bars(time, ones, ones, ones, ones, ones), "1w", 2_800 * week)
    assert len(bars) == 100
    assert counts == {}


def test_screening_accepts_a_sparse_market() -> None:
    bars, counts = screen(hours(0, 3, 4, 11, 12, 13, 20, 31, 40, 41))
    assert len(bars) == 10
    assert counts == {}


def test_tally_counts_a_row_of_two_answers_once() -> None:
    tally = RowTally()
    for _ in range(2):
        screen_bars(hours(*range(51), 60), "1h", NOW, tally)
    assert tally.counts() == {screening.FUTURE: 1}
    assert tally.notes() == ("1 row was dropped: it opened in the future",)
