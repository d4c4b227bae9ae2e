"""Which quotes are worth telling, and which markets are asked for."""

from hypothesis import given
from hypothesis import strategies as st

from exchanges.ports import Quote, Tradable
from producers.prices.policy import QUIET, REPEAT_MS, RESUBSCRIBE, news, outgrown, timely, to_poll
from schemas.values import MAX_CLOCK_AHEAD_MS

BTC = Tradable("sim", "spot", "BTCUSDT")
ETH = Tradable("sim", "spot", "ETHUSDT")
TOLD = {BTC: Quote(BTC, 100.0, 1_000_000)}


def of(price: float, later_ms: int) -> Quote:
    return Quote(BTC, price, 1_000_000 + later_ms)


def test_another_price_is_news_and_the_same_one_is_not() -> None:
    assert news(TOLD, [of(101.0, 1)]) == [of(101.0, 1)]
    assert news(TOLD, [of(100.0, 1)]) == []


def test_the_same_price_is_told_again_after_a_while() -> None:
    assert news(TOLD, [of(100.0, REPEAT_MS - 1)]) == []
    assert news(TOLD, [of(100.0, REPEAT_MS)]) == [of(100.0, REPEAT_MS)]


def test_nothing_older_or_equally_old_is_told() -> None:
    assert news(TOLD, [of(99.0, 0), of(99.0, -1)]) == []


def test_a_market_never_told_of_is_news() -> None:
    first = Quote(ETH, 3.0, 1)
    assert news(TOLD, [first]) == [first]


def test_of_several_the_newest_is_told() -> None:
    assert news(TOLD, [of(103.0, 3), of(102.0, 2)]) == [of(103.0, 3)]


@given(st.lists(st.tuples(st.floats(1, 9), st.integers(0, 40_000)), max_size=40))
def test_what_is_told_of_a_market_never_goes_back_in_time(seen: list[tuple[float, int]]) -> None:
    told: dict[Tradable, Quote] = {}
    times = []
    for price, at in seen:
        for quote in news(told, [Quote(BTC, price, at)]):
            told[quote.market] = quote
            times.append(quote.at)
    assert times == sorted(set(times))


WANTED = frozenset({"BTCUSDT", "ETHUSDT"})


def test_what_no_stream_covers_is_polled_always() -> None:
    assert to_poll(WANTED, (), {"BTCUSDT": 99.9, "ETHUSDT": 99.9}, 100.0) == WANTED


def test_what_a_stream_covers_is_polled_when_it_is_quiet() -> None:
    heard = {"BTCUSDT": 99.0, "ETHUSDT": 100.0 - QUIET}
    assert to_poll(WANTED, WANTED, heard, 100.0) == {"ETHUSDT"}
    assert to_poll(WANTED, WANTED, {}, 0.0) == WANTED


def test_a_stream_is_opened_anew_for_more_symbols_but_not_at_once() -> None:
    assert not outgrown({"BTCUSDT"}, WANTED, RESUBSCRIBE - 1)
    assert outgrown({"BTCUSDT"}, WANTED, RESUBSCRIBE)


def test_a_stream_is_opened_anew_when_most_of_it_is_in_vain() -> None:
    assert not outgrown(WANTED, frozenset({"BTCUSDT"}), 1e6)
    assert outgrown({*WANTED, "ADAUSDT"}, frozenset({"BTCUSDT"}), 1e6)


def test_a_stamp_of_tomorrow_is_not_believed_and_silences_nothing() -> None:
    now = 1_000_000
    first, second = of(101.0, 86_400_000), of(102.0, MAX_CLOCK_AHEAD_MS)
    assert [quote.at for quote in timely([first, second], now)] == [now, now + MAX_CLOCK_AHEAD_MS]
    (told,) = timely([first], now)
    assert news({BTC: told}, timely([of(102.0, 1)], now + 1)) == [of(102.0, 1)]
