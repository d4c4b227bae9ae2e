"""Closed candles joined to a cached series give what a full fetch gives."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from exchanges.bars import Bars
from exchanges.candle_cache.live import SPARE, join_candle, join_candles, take_closed, take_until
from exchanges.ports import Candle, Gap, Series
from exchanges.series import to_bars, to_series

HOUR = 3_600_000
FIRST = 1_767_571_200_000
LIMIT = 20


def candle(number: int, close: float = 10.0) -> Candle:
    return Candle(FIRST + number * HOUR, 10.0, 12.0, 8.0, close, float(number))


def fetched(first: int, newest: int, *, without: frozenset[int] = frozenset()) -> Series:
    """Return what an exchange sends while candle `newest` is open."""
    kept = [candle(number) for number in range(first, newest + 1) if number not in without]
    rows = [[c.time, c.open, c.high, c.low, c.close, c.volume] for c in kept]
    return to_series(Bars.from_rows(rows), "1h", kept[-1].time + 1)


def hashes(series: Series) -> tuple[str, int]:
    return series.closed.digest(float(series.closed.close[-1])), len(series.closed)


@given(st.integers(0, 60))
def test_joined_candles_equal_a_full_fetch(new: int) -> None:
    known = fetched(0, LIMIT - 1)
    joined = join_candles(known, [candle(LIMIT - 1 + n) for n in range(new)], "1h", LIMIT)
    assert joined is not None
    newest = LIMIT - 1 + new
    assert len(joined.closed) == min(newest, LIMIT - 1 + SPARE)
    assert hashes(take_closed(joined, LIMIT - 1, "1h")) == hashes(fetched(newest - LIMIT + 1, newest))


def test_series_can_be_cut_at_an_earlier_close() -> None:
    joined = join_candles(fetched(0, LIMIT - 1), [candle(LIMIT - 1), candle(LIMIT)], "1h", LIMIT)
    assert joined is not None
    earlier = take_until(joined, FIRST + (LIMIT - 1) * HOUR, "1h")
    assert earlier is not None
    assert hashes(take_closed(earlier, LIMIT - 1, "1h")) == hashes(fetched(1, LIMIT))
    assert take_until(joined, FIRST + 1, "1h") is None
    assert take_until(joined, FIRST - HOUR, "1h") is None


def test_known_candle_changes_nothing_and_a_revised_one_replaces_it() -> None:
    known = fetched(0, LIMIT - 1)
    assert join_candle(known, candle(5), "1h", LIMIT) is known
    revised = join_candle(known, candle(5, 11.0), "1h", LIMIT)
    assert revised is not None
    assert float(revised.closed.close[5]) == 11.0
    assert len(revised.closed) == len(known.closed)


def test_candle_after_a_gap_or_before_all_others_is_not_joined() -> None:
    known = fetched(0, LIMIT - 1)
    assert join_candle(known, candle(LIMIT), "1h", LIMIT) is None
    assert join_candle(known, candle(-1), "1h", LIMIT) is None
    holed = fetched(0, LIMIT - 1, without=frozenset({4}))
    assert join_candle(holed, candle(4), "1h", LIMIT) is None


def test_gaps_that_move_out_are_forgotten() -> None:
    known = fetched(0, LIMIT, without=frozenset({1}))
    assert known.gaps == (Gap(FIRST + HOUR, 1),)
    joined = join_candle(known, candle(LIMIT), "1h", LIMIT)
    assert joined is not None
    assert take_closed(joined, LIMIT - 2, "1h").gaps == ()


def test_newest_closed_candles_leave_out_the_open_one() -> None:
    series = take_closed(fetched(0, LIMIT - 1), 5, "1h")
    assert series.unclosed is None
    assert np.array_equal(to_bars(series).volume, [14.0, 15.0, 16.0, 17.0, 18.0])
