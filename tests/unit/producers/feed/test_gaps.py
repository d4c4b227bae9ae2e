"""What is missing becomes as few fetches as cover it, and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from producers.feed.gaps import MAX_FETCH, MissingCandle, plan_fetches
from schemas.market import candle_end, candle_open_of_ms

START = 1_767_571_200_000


def test_consecutive_candles_are_one_fetch() -> None:
    times = [START, START + 60_000, START + 180_000]
    fetches = plan_fetches([MissingCandle("1m", time, "cut") for time in reversed(times)])
    assert [fetch.times for fetch in fetches] == [(times[0], times[1]), (times[2],)]
    assert (fetches[0].first, fetches[0].end) == (START, START + 120_000)
    assert fetches[0].causes == {"cut": 2}


def test_months_follow_the_calendar() -> None:
    january = candle_open_of_ms(START, "1M")
    february = candle_end(january, "1M")
    (fetch,) = plan_fetches([MissingCandle("1M", time, "cold") for time in (january, february)])
    assert fetch.end == candle_end(february, "1M")


@given(st.lists(st.tuples(st.sampled_from(["1m", "5m", "1h", "1d"]), st.integers(0, 2_500)), max_size=200))
def test_fetches_cover_what_is_missing_and_nothing_else(places: list[tuple[str, int]]) -> None:
    missing = []
    for timeframe, number in places:
        length = candle_end(0, timeframe)
        missing.append(MissingCandle(timeframe, START + number * length, "dropped"))
    fetches = plan_fetches(missing)
    covered = [(fetch.timeframe, time) for fetch in fetches for time in fetch.times]
    assert sorted(covered) == sorted({(one.timeframe, one.time) for one in missing})
    assert all(len(fetch.times) <= MAX_FETCH for fetch in fetches)
    for fetch in fetches:
        ends = [candle_end(time, fetch.timeframe) for time in fetch.times]
        assert list(fetch.times[1:]) == ends[:-1]


def test_long_run_is_split_at_a_page() -> None:
    missing = [MissingCandle("1m", START + number * 60_000, "cut") for number in range(MAX_FETCH + 1)]
    assert [len(fetch.times) for fetch in plan_fetches(missing)] == [MAX_FETCH, 1]
