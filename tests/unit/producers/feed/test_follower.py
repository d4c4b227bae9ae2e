"""A follower begins where a former one stopped, with the parts of the candles that are open then."""

import pytest

from exchanges.ports import Candle, Kline, Tradable
from producers.feed.follower import InstrumentFollower
from producers.feed.gaps import MissingCandle, plan_fetches
from producers.feed.minutes import GRACE_MS, MINUTE
from producers.feed.rollup import ClosedCandle
from schemas.market import TIMEFRAMES, candle_end
from tests.unit.producers.feed.test_rollup import history

DAY = 86_400_000
NOON = 1_767_571_200_000 + 12 * 3_600_000 + 2 * DAY  # 2026-01-07, a Wednesday
SOL = Tradable("sim", "spot", "SOLUSDT")


def push(follower: InstrumentFollower, candle: Candle) -> list[ClosedCandle]:
    end = candle.time + MINUTE
    return follower.push(Kline(SOL, candle, True, end), end)


def fetch_missing(follower: InstrumentFollower, now: int) -> tuple[list[ClosedCandle], int]:
    """Answer everything that is missing as the exchange would; return what is published, and the calls."""
    closed: list[ClosedCandle] = []
    fetches = plan_fetches(follower.find_missing(now, now))
    for fetch in fetches:
        closed += follower.answer(fetch, history(fetch.timeframe, fetch.first, fetch.end))
    return closed, len(fetches)


def test_new_follower_publishes_nothing_of_the_past_and_every_candle_that_closes_later() -> None:
    now = NOON + 17 * MINUTE + 20_000
    follower = InstrumentFollower("sim", ["1m", "5m", "1h", "4h", "1d"], now)
    closed, calls = fetch_missing(follower, now + GRACE_MS)
    assert closed == []
    assert calls == 2, "the minutes of this hour, and the hours of this day"
    end = NOON + 3_600_000
    for candle in history("1m", NOON + 17 * MINUTE, end):
        closed += push(follower, candle)
    assert follower.find_missing(end, now) == []
    assert [one.candle for one in closed if one.timeframe == "1h"] == history("1h", NOON, end)
    assert [one.candle.time for one in closed if one.timeframe == "5m"] == [
        NOON + minute * MINUTE for minute in range(15, 60, 5)
    ]
    assert {one.timeframe for one in closed} == {"1m", "5m", "1h"}


def test_day_and_week_are_added_up_from_parts_fetched_at_the_start() -> None:
    now = NOON + 11 * 3_600_000 + 58 * MINUTE
    follower = InstrumentFollower("sim", ["4h", "1d", "1w"], now)
    closed, calls = fetch_missing(follower, now + GRACE_MS)
    assert (closed, calls) == ([], 3), "minutes, hours and days"
    end = NOON + 12 * 3_600_000
    for candle in history("1m", now - 2 * MINUTE, end):
        closed += push(follower, candle)
    assert [one.timeframe for one in closed] == ["4h", "1d"]
    assert [one.candle for one in closed if one.timeframe == "1d"] == history("1d", end - DAY, end)
    assert follower.find_missing(end, now) == []


def test_follower_after_a_former_one_publishes_what_was_missed() -> None:
    now = NOON + 7 * MINUTE + 1_000
    published = {"1m": NOON - 3 * MINUTE, "5m": NOON - 10 * MINUTE, "1h": NOON - 7_200_000}
    follower = InstrumentFollower("sim", list(published), now, published)
    closed, _ = fetch_missing(follower, now + GRACE_MS)
    for timeframe, last in published.items():
        found = sorted(one.candle.time for one in closed if one.timeframe == timeframe)
        length = TIMEFRAMES[timeframe]
        assert found == list(range(last + length, now - now % length, length))
    assert follower.published["1h"] == NOON - 3_600_000


def test_changed_timeframes_continue_without_a_gap() -> None:
    now = NOON + 30_000
    first = InstrumentFollower("sim", ["1m"], now)
    for candle in history("1m", NOON, NOON + 2 * MINUTE):
        push(first, candle)
    second = InstrumentFollower("sim", ["1m", "5m"], NOON + 3 * MINUTE + 1, first.published)
    closed, _ = fetch_missing(second, NOON + 3 * MINUTE + GRACE_MS)
    assert [one.candle.time for one in closed] == [NOON + 2 * MINUTE]


@pytest.mark.parametrize("timeframe", ["1m", "1h"])
def test_failed_fetch_is_missing_again(timeframe: str) -> None:
    now = NOON + 2 * MINUTE
    published = {timeframe: NOON - 2 * TIMEFRAMES[timeframe]}
    follower = InstrumentFollower("sim", [timeframe], now, published)
    fetches = plan_fetches(follower.find_missing(now + GRACE_MS, now))
    for fetch in fetches:
        follower.put_back(fetch)
    assert plan_fetches(follower.find_missing(now + GRACE_MS, now)) == fetches


def test_sample_covers_the_minutes_that_were_closed() -> None:
    follower = InstrumentFollower("sim", ["1m"], NOON)
    assert follower.sample() is None
    for candle in history("1m", NOON, NOON + 3 * MINUTE):
        push(follower, candle)
    sample = follower.sample()
    assert sample is not None
    assert (sample.first, sample.end) == (NOON, NOON + 3 * MINUTE)
    assert MissingCandle("1m", NOON, "sample").time == sample.times[0]
    assert candle_end(sample.times[-1], "1m") == sample.end


def test_candle_that_closed_while_the_feed_was_away_is_published_though_none_of_its_timeframe_was() -> None:
    published = {"1m": NOON + 3 * MINUTE}
    now = NOON + 7 * MINUTE
    follower = InstrumentFollower("sim", ["1m", "5m", "1h"], now, published)
    closed, _ = fetch_missing(follower, now + GRACE_MS)
    assert [one.candle for one in closed if one.timeframe == "5m"] == history("5m", NOON, NOON + 5 * MINUTE)
    assert not [one for one in closed if one.timeframe == "1h"]
