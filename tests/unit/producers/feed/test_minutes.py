"""What closes a minute, and what does not."""

from hypothesis import given
from hypothesis import strategies as st

from exchanges.ports import Candle, Kline, Tradable
from producers.feed.minutes import GRACE_MS, MAX_BEHIND, MINUTE, ClosedMinute, MinuteBuilder, judge_missing_at

BTC = Tradable("sim", "spot", "BTCUSDT")
START = 1_767_614_400_000


def candle(number: int, close: float = 100.0) -> Candle:
    """Return the candle of minute `number` since START."""
    return Candle(START + number * MINUTE, 100.0, 101.0, 99.0, close, 1.0 + number)


def kline(number: int, *, close: float = 100.0, final: bool = True, sent_at: int | None = None) -> Kline:
    end = START + (number + 1) * MINUTE
    return Kline(BTC, candle(number, close), final, end if sent_at is None else sent_at)


def end_of(number: int) -> int:
    return START + (number + 1) * MINUTE


def times(closed: list[ClosedMinute]) -> list[int]:
    return [(one.time - START) // MINUTE for one in closed]


def missing(builder: MinuteBuilder, now: int, connected_since: int | None = START) -> list[tuple[int, str]]:
    found = builder.find_missing(now, connected_since)
    return [((one.time - START) // MINUTE, one.cause) for one in found]


def test_final_kline_closes_its_minute() -> None:
    builder = MinuteBuilder(START)
    (closed,) = builder.push(kline(0), end_of(0))
    assert closed == ClosedMinute(START, candle(0), "stream", 0)
    assert missing(builder, end_of(0) + GRACE_MS) == []


def test_open_kline_closes_nothing_and_the_minute_is_fetched() -> None:
    builder = MinuteBuilder(START)
    assert builder.push(kline(0, final=False), end_of(0)) == []
    assert missing(builder, end_of(0) + GRACE_MS - 1) == []
    assert missing(builder, end_of(0) + GRACE_MS) == [(0, "never_closed")]
    assert missing(builder, end_of(0) + GRACE_MS) == [], "a minute is returned as missing once"


def test_final_kline_before_the_end_by_the_exchange_clock_closes_nothing() -> None:
    builder = MinuteBuilder(START)
    assert builder.push(kline(0), end_of(0) - 5_000) == []
    assert times(builder.push(kline(0), end_of(0))) == [0]


def test_final_kline_of_a_stale_clock_is_fetched() -> None:
    builder = MinuteBuilder(START)
    assert builder.push(kline(0, sent_at=end_of(0) - 120_000), end_of(0)) == []
    assert missing(builder, end_of(0) + GRACE_MS) == [(0, "stale_clock")]


def test_later_minute_waits_for_a_dropped_one() -> None:
    builder = MinuteBuilder(START)
    assert builder.push(kline(1), end_of(1)) == []
    assert missing(builder, end_of(1)) == [(0, "dropped")]
    closed = builder.answer(START, START + MINUTE, [candle(0)])
    assert [(one.origin, one.revision) for one in closed] == [("rest", 0), ("stream", 0)]
    assert times(closed) == [0, 1]


def test_minute_that_the_exchange_does_not_have_is_closed_without_a_candle() -> None:
    builder = MinuteBuilder(START)
    builder.push(kline(1), end_of(1))
    missing(builder, end_of(1))
    assert [one.candle for one in builder.answer(START, START + MINUTE, [])] == [None, candle(1)]


def test_doubled_kline_changes_nothing() -> None:
    builder = MinuteBuilder(START)
    builder.push(kline(0), end_of(0))
    assert builder.push(kline(0), end_of(0)) == []
    assert missing(builder, end_of(0)) == []


def test_late_kline_closes_its_minute_before_the_answer_comes() -> None:
    builder = MinuteBuilder(START)
    builder.push(kline(1), end_of(1))
    assert missing(builder, end_of(1)) == [(0, "dropped")]
    assert times(builder.push(kline(0), end_of(1))) == [0, 1]
    assert builder.answer(START, START + MINUTE, [candle(0)]) == []


def test_differing_kline_is_fetched_and_published_with_a_higher_revision() -> None:
    builder = MinuteBuilder(START)
    builder.push(kline(0, close=99.5), end_of(0))
    assert builder.push(kline(0), end_of(0)) == []
    assert missing(builder, end_of(0)) == [(0, "revised")]
    assert builder.answer(START, START + MINUTE, [candle(0)]) == [ClosedMinute(START, candle(0), "rest", 1)]
    assert builder.answer(START, START + MINUTE, [candle(0, 98.0)])[0].revision == 2


def test_answer_without_a_published_candle_does_not_take_it_back() -> None:
    builder = MinuteBuilder(START)
    builder.push(kline(0), end_of(0))
    assert builder.answer(START, START + MINUTE, []) == []


def test_cut_and_restart_are_named_as_causes() -> None:
    builder = MinuteBuilder(START)
    assert missing(builder, end_of(0) + GRACE_MS, connected_since=None) == [(0, "cut")]
    assert missing(builder, end_of(1) + GRACE_MS, connected_since=end_of(1) + 1) == [(1, "cut")]
    resumed = MinuteBuilder(START, started_at=end_of(1) + 5)
    assert missing(resumed, end_of(1) + GRACE_MS) == [(0, "restart"), (1, "restart")]


def test_failed_fetch_is_missing_again() -> None:
    builder = MinuteBuilder(START)
    assert missing(builder, end_of(0) + GRACE_MS) == [(0, "dropped")]
    builder.forget([START])
    assert missing(builder, end_of(0) + GRACE_MS) == [(0, "dropped")]


def test_minutes_too_far_back_are_left_out() -> None:
    builder = MinuteBuilder(START)
    now = START + 10 * MAX_BEHIND
    assert len(builder.find_missing(now + GRACE_MS, START)) == MAX_BEHIND // MINUTE
    assert builder.next_open == now - MAX_BEHIND


FATES = st.sampled_from(
    ["final", "dropped", "doubled", "never_closed", "stale", "early", "wrong", "late", "cut"]
)


@given(st.lists(FATES, min_size=1, max_size=40))
def test_whatever_happens_every_minute_ends_as_the_exchange_has_it(fates: list[str]) -> None:
    """Every minute is closed once at revision 0, in order, and the highest revision is what REST returns."""
    builder, published = MinuteBuilder(START), list[ClosedMinute]()
    late: list[Kline] = []

    def repair(now: int) -> None:
        for one in builder.find_missing(now, START):
            published.extend(
                builder.answer(one.time, one.time + MINUTE, [candle((one.time - START) // MINUTE)])
            )

    for number, fate in enumerate(fates):
        now = end_of(number)
        for push in late:
            published += builder.push(push, now)
        late = []
        match fate:
            case "final":
                published += builder.push(kline(number), now)
            case "doubled":
                published += builder.push(kline(number), now) + builder.push(kline(number), now)
            case "never_closed":
                published += builder.push(kline(number, final=False), now)
            case "stale":
                published += builder.push(kline(number, sent_at=now - 120_000), now)
            case "early":
                published += builder.push(kline(number, close=99.1), now - 10_000)
            case "wrong":
                published += builder.push(kline(number, close=99.2), now)
                published += builder.push(kline(number), now + 2_000)
            case "late":
                late = [kline(number)]
        repair(now + 2_000)
    for push in late:
        published += builder.push(push, end_of(len(fates)))
    repair(end_of(len(fates) - 1) + GRACE_MS)
    firsts = [one.time for one in published if one.revision == 0]
    assert firsts == [START + number * MINUTE for number in range(len(fates))]
    last = {one.time: one.candle for one in published}
    assert last == {START + number * MINUTE: candle(number) for number in range(len(fates))}


def test_what_was_sent_and_not_read_yet_is_not_missing() -> None:
    assert judge_missing_at(100_000, 97_000, 5_000) == 97_000
    assert judge_missing_at(100_000, 100_000, 5_000) == 100_000
    assert judge_missing_at(100_000, 20_000, 5_000) == 85_000
    assert judge_missing_at(100_000, 97_000, None) == 100_000
